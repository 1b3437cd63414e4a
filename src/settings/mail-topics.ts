import type { MailKind } from '../notify/index.ts';

/** What a person can switch off for themselves. In the database `preferences_muted_known` lists the same. */
export const MAIL_TOPICS = ['to-decide', 'decided-by-another', 'own-requests', 'own-access'] as const;
export type MailTopic = (typeof MAIL_TOPICS)[number];

/**
 * The topic of each kind of mail. A kind that is not here cannot be switched off: what failed or was taken away, and
 * what alarms an administrator.
 */
const TOPICS: Partial<Record<MailKind, MailTopic>> = {
  'approval-needed': 'to-decide',
  'request-cancelled': 'to-decide',
  'decided-by-another': 'decided-by-another',
  'request-submitted': 'own-requests',
  'request-approved': 'own-requests',
  'request-rejected': 'own-requests',
  'request-expired': 'own-requests',
  'access-scheduled': 'own-access',
  'access-active': 'own-access',
  'access-ending-soon': 'own-access',
  'access-ended': 'own-access',
};

/** The topic by which a person can switch this mail off; null where they cannot. `ownDoing`: they did it themselves. */
export function mailTopic(kind: MailKind, ownDoing = false): MailTopic | null {
  if (kind === 'access-revoked' && ownDoing) return 'own-access';
  return TOPICS[kind] ?? null;
}

/** Those of the words that name a topic. */
export function mailTopics(words: readonly string[]): MailTopic[] {
  return MAIL_TOPICS.filter((topic) => words.includes(topic));
}
