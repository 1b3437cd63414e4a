import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MARGIN_MS, type MatchTarget, matchesGrant, type RecordIdentity, SKEW_MS } from '../../src/activity/match.ts';
import { parseRecord } from '../../src/activity/record.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;

const GRANT: MatchTarget = {
  accountId: '111122223333',
  permissionSetName: 'Admin',
  userName: 'Bob.Stone',
  userId: 'u-bob',
  activatedAt: new Date(AT),
  endedAt: new Date(AT + 2 * HOUR),
  sessionSeconds: 3600,
};

const RECORD: RecordIdentity = {
  recipientAccountId: '111122223333',
  eventTime: new Date(AT + HOUR),
  identityType: 'AssumedRole',
  principalId: 'AROA2DFDF0C1FDFCAD2B2:Bob.Stone',
  issuerUserName: 'AWSReservedSSO_Admin_635426549a280cc6',
  sessionStartedAt: new Date(AT + HOUR / 2),
};

test('an event of the person, role and account inside the window matches', () => {
  expect(matchesGrant(RECORD, GRANT)).toBe(true);
});

test.each<[string, Partial<RecordIdentity>]>([
  ['another account', { recipientAccountId: '111122223334' }],
  ['a role whose name merely begins the same', { issuerUserName: 'AWSReservedSSO_AdminRO_635426549a280cc6' }],
  ['a role whose name merely ends the same', { issuerUserName: 'AWSReservedSSO_Super_Admin_635426549a280cc6' }],
  ['a role that is not one of Identity Center', { issuerUserName: 'Admin' }],
  ['a person whose name merely begins the same', { principalId: 'AROA2DFDF0C1FDFCAD2B2:bob.stonewall' }],
  ['a person whose name merely ends the same', { principalId: 'AROA2DFDF0C1FDFCAD2B2:not-bob.stone' }],
  ['a session without a name', { principalId: 'AROA2DFDF0C1FDFCAD2B2' }],
  ['an IAM user', { identityType: 'IAMUser' }],
  ['a session that somebody else stands behind', { onBehalfOfUserId: 'u-eve' }],
  ['a session from before the window', { sessionStartedAt: new Date(AT - SKEW_MS - 1) }],
  ['a session from after the window', { sessionStartedAt: new Date(AT + 2 * HOUR + SKEW_MS + 1) }],
  ['an event after every session is over', { eventTime: new Date(AT + 3 * HOUR + SKEW_MS + MARGIN_MS + 1) }],
  ['a record that does not say when its session began', { sessionStartedAt: undefined }],
])('%s does not match', (_, change) => {
  expect(matchesGrant({ ...RECORD, ...change }, GRANT)).toBe(false);
});

test('an event after the window, in a session that began inside it, matches', () => {
  const late = { ...RECORD, sessionStartedAt: new Date(AT + 2 * HOUR - 1000), eventTime: new Date(AT + 2.9 * HOUR) };
  expect(matchesGrant(late, GRANT)).toBe(true);
});

test('the case of the user name does not matter, for it may have changed at Identity Center', () => {
  expect(matchesGrant({ ...RECORD, principalId: 'AROA2DFDF0C1FDFCAD2B2:bob.stone' }, GRANT)).toBe(true);
});

const names = fc.stringMatching(/^[\w+=,.@-]{1,32}$/);
const hex = fc.stringMatching(/^[0-9a-f]{16}$/);

test('whatever the names are, only the whole role and the whole user name match', () => {
  fc.assert(
    fc.property(names, names, names, names, hex, (role, otherRole, user, otherUser, suffix) => {
      const grant = { ...GRANT, permissionSetName: role, userName: user };
      const record = {
        ...RECORD,
        issuerUserName: `AWSReservedSSO_${otherRole}_${suffix}`,
        principalId: `AROA:${otherUser}`,
      };
      const same = role === otherRole && user.toLowerCase() === otherUser.toLowerCase();
      expect(matchesGrant(record, grant)).toBe(same);
      const own = { ...record, issuerUserName: `AWSReservedSSO_${role}_${suffix}`, principalId: `AROA:${user}` };
      expect(matchesGrant(own, grant)).toBe(true);
    }),
  );
});

test('an event matches exactly while a session that the window allowed may be alive', () => {
  const offset = fc.integer({ min: -6 * HOUR, max: 9 * HOUR });
  fc.assert(
    fc.property(offset, offset, (start, event) => {
      const record = { ...RECORD, sessionStartedAt: new Date(AT + start), eventTime: new Date(AT + event) };
      const expected =
        start >= -SKEW_MS &&
        start <= 2 * HOUR + SKEW_MS &&
        event >= -SKEW_MS &&
        event <= 3 * HOUR + SKEW_MS + MARGIN_MS;
      expect(matchesGrant(record, GRANT)).toBe(expected);
    }),
  );
});

test('a record that cannot be read is passed over', () => {
  expect(parseRecord(undefined)).toBeNull();
  expect(parseRecord('{')).toBeNull();
  expect(parseRecord('{"eventID":"1"}')).toBeNull();
  fc.assert(fc.property(fc.json(), (text) => void parseRecord(text)));
});
