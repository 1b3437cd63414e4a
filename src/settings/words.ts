import { formatMinutes } from '../platform/time.ts';
import { formatDurations } from './durations.ts';
import { DEFAULT_SETTINGS, type Settings } from './schema.ts';

export type SettingName = keyof Settings;

/** What each setting is called and does, in the words of the page, the history and whoever is refused. */
const WORDS: Record<SettingName, { label: string; effect: string }> = {
  maxDurationMinutes: {
    label: 'Longest duration, in minutes',
    effect: 'Nobody can ask for longer, whatever a policy allows; access that is already granted keeps its time.',
  },
  allowedDurationsMinutes: {
    label: 'Allowed durations',
    effect:
      'Requests choose one of these durations, like 30, 1h 30, 4h; left empty, any duration up to the longest may be asked for.',
  },
  requestExpiryMinutes: {
    label: 'How long a request waits, in minutes',
    effect: 'A request that nobody decides within this time expires, and the requester is told.',
  },
  commentRequired: { label: 'Comment required', effect: 'Whoever approves, rejects or revokes says why.' },
  ticketRequired: { label: 'Ticket required', effect: 'Every request names a ticket, whatever its policy says.' },
  ticketPattern: {
    label: 'Ticket pattern',
    effect:
      'A ticket has to match this regular expression from its first to its last character, like CHG-[0-9]{4,}; left empty, any text is a ticket.',
  },
  ticketExample: {
    label: 'Example of a ticket',
    effect: 'Tried against the pattern, and shown to whoever gets a ticket wrong.',
  },
  ticketLink: {
    label: 'Link to a ticket',
    effect:
      'Tickets become links to this https address, where {ticket} stands for the ticket; left empty, they stay text.',
  },
  approvalEnabled: {
    label: 'Approval workflow',
    effect:
      'Ticked: each policy says whether someone must approve. Not ticked: whoever is eligible gets access at once, save where a guardrail asks for approval, and every page says so.',
  },
  onEligibilityLost: {
    label: 'When eligibility is lost',
    effect:
      'Running access whose holder no policy allows it any more, because they left a group or a policy changed, is taken away within five minutes; or administrators get one mail and it runs on to its end. Disabled and deleted users always lose theirs.',
  },
  policyTicketRequired: {
    label: 'Ticket for policy changes',
    effect: 'Whoever creates, changes or deletes a policy names a ticket.',
  },
  secondAdminRequired: {
    label: 'Second admin for policy changes',
    effect:
      'A change of a policy waits until another admin confirms it. One admin can tick this; taking it away takes two, and meanwhile so does switching off the approval workflow or a required ticket, stopping mail, raising the longest duration and letting access run on when eligibility is lost.',
  },
  announcement: {
    label: 'Announcement',
    effect:
      'Stands at the top of every page for everybody who is signed in, with its line breaks, until it is emptied.',
  },
  supportContact: {
    label: 'Support contact',
    effect: 'Shown wherever someone is stuck: an e-mail address, a chat channel or a phone number.',
  },
  timeZone: {
    label: 'Time zone',
    effect: 'Pages and mail show times in it, beside UTC, to everybody who did not choose their own.',
  },
  mailPaused: {
    label: 'Send no mail',
    effect:
      'No mail leaves the portal, alarms included; what falls due meanwhile is not sent later. People find everything on the pages.',
  },
};

/** What can become of access whose holder is no longer eligible. */
export const ELIGIBILITY_LOST: Record<string, string> = {
  revoke: 'take the access away',
  tell: 'tell administrators, and let it run on',
};

export const SETTING_NAMES = Object.keys(WORDS) as SettingName[];

/** Label, effect and default of each setting, by its name. */
export function settingWords(): Record<SettingName, { label: string; hint: string }> {
  const entries = SETTING_NAMES.map((name) => {
    const { label, effect } = WORDS[name];
    return [name, { label, hint: `${effect} Default: ${defaultInWords(name)}.` }] as const;
  });
  return Object.fromEntries(entries) as Record<SettingName, { label: string; hint: string }>;
}

/** What the setting is called; of a setting that is no more, its name. */
export function labelOf(name: string): string {
  return isSetting(name) ? WORDS[name].label.replace(', in minutes', '') : name;
}

/** A stored value as people read it, in the history and beside a field. */
export function valueInWords(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'ticked' : 'not ticked';
  if (name === 'onEligibilityLost') return ELIGIBILITY_LOST[String(value)] ?? String(value);
  if (typeof value === 'number') return name.endsWith('Minutes') ? formatMinutes(value) : String(value);
  if (Array.isArray(value)) return formatDurations(value.map(Number)) || 'any';
  return typeof value === 'string' && value !== '' ? value : 'empty';
}

function defaultInWords(name: SettingName): string {
  const value = DEFAULT_SETTINGS[name];
  return typeof value === 'number' ? `${value} (${formatMinutes(value)})` : valueInWords(name, value);
}

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(WORDS, name);
}
