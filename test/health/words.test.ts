import { expect, test } from 'vitest';
import { inTheWay } from '../../src/access/index.ts';
import { rightsUnchecked } from '../../src/access/trouble.ts';
import type { Told } from '../../src/health/alarm-store.ts';
import { forbiddenLetter, overdueLetter } from '../../src/health/letters.ts';
import { verdictOf } from '../../src/health/words.ts';

const at = (text: string) => new Date(`2026-07-01T${text}Z`);
const TOLD: Told = {
  id: 'g',
  requestId: null,
  requestNumber: 7,
  person: 'Lena',
  role: 'Admin',
  accountName: 'Shop',
  accountId: '111122223333',
  dueAt: at('10:00:00'),
  lastError: 'Service is unable to handle request.',
  nextTryAt: at('14:35:00'),
  cannotRevokeSince: null,
  cannotRevokeReason: null,
};

test('mail about overdue access says its age, and times in the zone of its reader and in UTC', () => {
  const { subject, lead, facts } = overdueLetter([TOLD], at('14:34:00'), 'Europe/Berlin');
  expect(subject).toBe('Overdue for 4 h 34 min: Lena, Admin in Shop');
  expect(lead).toContain('is overdue for 4 h 34 min');
  expect(facts).toEqual([
    {
      label: 'R-7: Lena, Admin in Shop (111122223333)',
      value:
        'Due since 2026-07-01 12:00 Europe/Berlin (2026-07-01T10:00:00Z), for 4 h 34 min. AWS does not work as it should. AWS says: Service is unable to handle request. The next try is at 2026-07-01 16:35 Europe/Berlin (2026-07-01T14:35:00Z).',
    },
  ]);
  const forbidden = { ...TOLD, cannotRevokeSince: at('10:01:00'), cannotRevokeReason: 'You are not authorized' };
  expect(forbiddenLetter([forbidden], at('14:34:00'), 'UTC').facts[0]?.value).toMatch(
    /^Forbidden since 2026-07-01 10:01 UTC\. AWS forbids .* AWS says: You are not authorized\. The next try/,
  );
});

test('what Latchkey says itself is not told as what AWS says', () => {
  const cause = new Error('AWS did not answer identitystore:DescribeUser (TimeoutError: no answer).');
  const lastError = rightsUnchecked(new Error('Latchkey cannot check what you may do.', { cause }));
  const { why, says } = inTheWay({ lastError, cannotRevokeSince: null, cannotRevokeReason: null }, true);
  expect(says).toBeNull();
  expect(why).toBe(
    'Latchkey cannot check the rights behind this access at the moment, and gives nothing unchecked. AWS did not answer identitystore:DescribeUser (TimeoutError: no answer).',
  );
});

test('the first line says what waits for AWS, and why nothing is given', () => {
  const attention = { overdue: 0, oldestDueAt: null, cannotRevoke: 0, leftBehind: 0, now: at('14:34:00') };
  const time = (when: Date) => when.toISOString().slice(11, 16);
  const away = { since: at('09:55:00'), ends: 3, grants: 2 };
  const text = (more: Partial<Parameters<typeof verdictOf>[1]>) =>
    verdictOf(attention, { away: null, giving: null, ...more }, time).text;
  expect(text({ away })).toBe('AWS has not answered since 09:55; 3 ends and 2 grants wait for it.');
  expect(text({ away: { ...away, ends: 0, grants: 1 } })).toContain('; 1 grant waits for it.');
  expect(text({ away: { ...away, ends: 0, grants: 0 } })).toContain('; nothing waits for it.');
  expect(text({ giving: { cause: 'restored', since: at('08:00:00') } })).toBe(
    'No access is overdue. New access is not given: held since a backup was restored at 08:00, until an administrator has looked at it.',
  );
});
