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
});
