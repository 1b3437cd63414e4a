import { Temporal } from 'temporal-polyfill';

/** 2026-11-22 14:05, in the zone. */
export function formatInZone(at: Date, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
  return `${zoned.toPlainDate().toString()} ${zoned.toPlainTime().toString({ smallestUnit: 'minute' })}`;
}

/** 2026-11-22T14:05:09Z: for exports and machines. */
export function formatUtc(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** 45 min, 2 h, 1 h 30 min, 3 d. */
export function formatMinutes(minutes: number): string {
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = Math.round(minutes % 60);
  return [days && `${days} d`, hours && `${hours} h`, rest && `${rest} min`].filter(Boolean).join(' ') || '0 min';
}

export type LocalTime =
  | { kind: 'instant'; at: Date }
  | { kind: 'malformed' }
  /** The clocks jump over it. */
  | { kind: 'skipped' }
  /** The clocks pass it twice; the two instants with their offsets, so that a person can choose. */
  | { kind: 'ambiguous'; choices: { at: Date; offset: string }[] };

/** Why a typed local time is no instant, in a sentence, and for one that the clocks pass twice the two to choose from. */
export function whyNoInstant(
  typed: string,
  time: Exclude<LocalTime, { kind: 'instant' }>,
  timeZone: string,
): { error: string; choices: { at: Date; offset: string; label: string }[] } {
  switch (time.kind) {
    case 'malformed':
      return { error: 'Give a day and a time, like 2026-11-22 14:00, or leave it empty.', choices: [] };
    case 'skipped':
      return {
        error: `This time does not exist: the clocks of ${timeZone} jump over it that night. Choose another one.`,
        choices: [],
      };
    case 'ambiguous': {
      const local = typed.slice(0, 16).replace('T', ' ');
      return {
        error: `The clocks of ${timeZone} pass this time twice that night. Choose which one you mean.`,
        choices: time.choices.map(({ at, offset }, index) => ({
          at,
          offset,
          label: `${local}, the ${index === 0 ? 'first' : 'second'} time (UTC${offset})`,
        })),
      };
    }
  }
}

/**
 * What a person typed into a time field (`2026-11-22T14:05`, local to the zone, or with an explicit offset
 * `2026-10-25T02:30+02:00`, which the choice between two equal local times sends).
 */
export function parseLocalTime(text: string, timeZone: string): LocalTime {
  const withOffset = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (withOffset) {
    const at = new Date(text);
    return Number.isNaN(at.getTime()) ? { kind: 'malformed' } : { kind: 'instant', at };
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text)) return { kind: 'malformed' };
  let local: Temporal.PlainDateTime;
  try {
    local = Temporal.PlainDateTime.from(text, { overflow: 'reject' });
  } catch {
    return { kind: 'malformed' };
  }
  const earlier = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const later = local.toZonedDateTime(timeZone, { disambiguation: 'later' });
  const dateOf = (zoned: Temporal.ZonedDateTime) => new Date(zoned.epochMilliseconds);
  if (earlier.epochMilliseconds === later.epochMilliseconds) return { kind: 'instant', at: dateOf(earlier) };
  if (!earlier.toPlainDateTime().equals(local)) return { kind: 'skipped' };
  return { kind: 'ambiguous', choices: [earlier, later].map((zoned) => ({ at: dateOf(zoned), offset: zoned.offset })) };
}

/** True where the platform knows the time zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
