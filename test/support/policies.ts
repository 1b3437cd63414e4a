/** What most policies of a test say no more than: nothing excluded, no dates, in force. */
export const PLAIN = { exclusions: [], enabled: true, startsAt: null, endsAt: null, ticket: '' };
