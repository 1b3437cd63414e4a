import { directoryAge } from '../directory/index.ts';
import type { Person } from '../identity/index.ts';
import type { FieldErrors } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { CONFIRMATION, fieldsOf } from './form.ts';
import { lastChanges } from './history-store.ts';
import { wishInWords } from './loosening.ts';
import { openLoosenings } from './loosening-store.ts';
import type { Overtaken } from './overtaken.ts';
import { readSettings } from './store.ts';
import { type TicketTrial, tryTicket } from './ticket-trial.ts';
import { ELIGIBILITY_LOST, labelOf, settingWords, valueInWords } from './words.ts';

/** What is shown instead of the stored settings. */
export interface Wrong {
  errors?: FieldErrors;
  /** The form as it was sent, where that is to be mended. */
  sent?: Record<string, string | string[]>;
  overtaken?: Overtaken;
  trial?: TicketTrial;
}

/** What the settings page shows: the form with the stored settings, or with what was sent. */
export async function settingsPage({ db }: Platform, person: Person, wrong: Wrong) {
  const [{ settings, version }, age, changes, waiting] = await Promise.all([
    readSettings(db.prisma),
    directoryAge(db.prisma),
    lastChanges(db.prisma),
    openLoosenings(db.prisma),
  ]);
  const { errors = {}, sent, overtaken = null } = wrong;
  const fields: Record<string, unknown> = overtaken?.fields ?? sent ?? { ...fieldsOf(settings), confirmation: '' };
  const saidAtField = errors.ticketPattern ?? errors.ticketExample ?? errors.ticketLink;
  return {
    fields: { ...fields, allowedDurationsMinutes: [fields.allowedDurationsMinutes ?? ''].flat().join(', ') },
    // A form that is mended still rests on what its reader saw first; one that was overtaken now shows both.
    version: sent?.version ?? version,
    words: settingWords(),
    changes,
    approvalEnabled: settings.approvalEnabled,
    overtaken,
    waiting: waiting.map((each) => ({
      ...each,
      label: labelOf(each.setting),
      wish: wishInWords(each.setting, each.newValue),
      now: valueInWords(each.setting, settings[each.setting]),
      own: each.askedById === person.userId,
    })),
    trial: wrong.trial ?? (saidAtField || !(settings.ticketPattern || settings.ticketLink) ? null : tryTicket(fields)),
    confirmation: CONFIRMATION,
    eligibilityLost: Object.entries(ELIGIBILITY_LOST).map(([value, words]) => ({ value, label: capitalized(words) })),
    timeZones: Intl.supportedValuesOf('timeZone'),
    errors,
    age,
  };
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
