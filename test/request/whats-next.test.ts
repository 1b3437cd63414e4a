import { expect, it } from 'vitest';
import type { Grant } from '../../src/access/index.ts';
import type { AccessRequest } from '../../src/request/types.ts';
import { whatsNext } from '../../src/request/whats-next.ts';

const request = {} as AccessRequest;
const over = { endedAt: new Date(0), continuedBy: null, preexisting: false, endedByName: 'Lena Fischer' };

it('tells access that its owner ended from access that somebody took away', () => {
  const own = whatsNext('revoked', false, request, { ...over, endCause: 'requester' } as Grant, () => 'noon');
  expect(own).toBe('Lena Fischer ended the access early; AWS confirmed at noon.');
  const other = whatsNext('revoked', false, request, { ...over, endCause: 'approver' } as Grant, () => 'noon');
  expect(other).toBe('The access was taken away early by Lena Fischer; AWS confirmed at noon.');
  const cli = { ...over, endCause: 'admin', endedByName: 'An administrator on the command line (root)' } as Grant;
  expect(whatsNext('revoked', false, request, cli, () => 'noon')).toContain('early by an administrator on the command');
});

it('does not say of access that somebody took away outside that it is there', () => {
  const grant = { closesAt: new Date(0), removedOutsideAt: new Date(0), preexisting: true } as Grant;
  expect(whatsNext('active', false, request, grant, () => 'noon')).toBe(
    'This access is not there: it was taken away outside Latchkey. Its grant ends at noon.',
  );
});
