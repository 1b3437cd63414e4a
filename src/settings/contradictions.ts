import type { FieldErrors } from '../platform/errors.ts';
import { formatMinutes } from '../platform/time.ts';
import type { Settings } from './schema.ts';
import { ticketMistake } from './ticket.ts';

/** Where settings that are each right contradict one another: a sentence for the field that can mend it. */
export function contradictions(settings: Settings): FieldErrors {
  const errors: FieldErrors = {};
  const { allowedDurationsMinutes, maxDurationMinutes } = settings;
  const tooLong = allowedDurationsMinutes.filter((minutes) => minutes > maxDurationMinutes).map(formatMinutes);
  if (tooLong.length > 0) {
    errors.allowedDurationsMinutes = `Leave out ${tooLong.join(', ')}: the longest duration is ${formatMinutes(maxDurationMinutes)}.`;
  }
  if (ticketMistake(settings, settings.ticketExample) !== null) {
    errors.ticketExample = `${settings.ticketExample} does not match the pattern: change one of the two.`;
  }
  return errors;
}
