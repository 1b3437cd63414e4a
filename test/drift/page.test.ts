import { expect, test } from 'vitest';
import { workAsked, workRolling } from '../../src/drift/index.ts';
import { createBudget } from '../../src/platform/budget.ts';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { AT_ONCE } from './rig.ts';

const PAGE = '/admin/drift';
const STAYS = new AbortController().signal;

const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');

const unhurried = ({ context }: TestPortal) => ({
  ...context,
  budget: createBudget(context.db, {}, { rate: 100_000, burst: 100_000 }),
});

async function compared() {
  const portal = await createTestPortal();
  await workRolling(unhurried(portal), STAYS, AT_ONCE);
  const admin = await portal.signIn(DEMO_PEOPLE.admin);
  const chosen = async () =>
    [...(await admin.get(PAGE)).body.matchAll(/name="chosen" value="([^"]+)"/g)].map(([, value]) => value!);
  return { portal, admin, chosen, prisma: portal.context.db.prisma };
}

test('an administrator leaves and adopts with a reason, and is asked once more before something is removed', async () => {
  const { portal, admin, chosen, prisma } = await compared();
  await using _ = portal;
  const all = await chosen();
  expect(all.length).toBeGreaterThan(3);
  expect(textOf((await admin.get(PAGE)).body)).toContain('Assigned outside Latchkey.');

  const left = await admin.post(`${PAGE}/decisions`, {
    chosen: all[0]!,
    verdict: 'leave',
    reason: 'Break-glass role of operations',
  });
  expect(left.statusCode).toBe(200);
  expect(textOf(left.body)).toContain('left as it is.');
  expect(await chosen()).toHaveLength(all.length - 1);
  expect(textOf((await admin.get(`${PAGE}?state=left`)).body)).toContain('Break-glass role of operations');

  const ask = await admin.post(`${PAGE}/decisions`, {
    chosen: [all[1]!, all[2]!],
    verdict: 'remove',
    reason: 'Nobody knows it',
  });
  expect(textOf(ask.body)).toContain('Remove 2 assignments');
  expect(await prisma.grant.count()).toBe(0);
  const removed = await admin.post(`${PAGE}/decisions`, {
    chosen: `${all[1]},${all[2]}`,
    verdict: 'remove',
    reason: 'Nobody knows it',
    confirmed: 'yes',
  });
  expect(removed.statusCode).toBe(200);
  expect(await prisma.grant.count({ where: { status: 'ending', basis: 'adopted' } })).toBe(2);
  const auditor = await portal.signIn(DEMO_PEOPLE.auditor);
  expect(textOf((await auditor.get('/audit/access')).body)).toContain('removed by Inès Moreau Nobody knows it');
  const csv = (await auditor.get('/audit/access.csv')).body;
  expect(csv).toMatch(/"Inès Moreau","removed","[^"]+","Nobody knows it",/);
  expect(textOf((await admin.get('/access/active')).body)).toContain('removed by Inès Moreau');

  const again = await admin.post(`${PAGE}/decisions`, { chosen: all[1]!, verdict: 'leave', reason: 'Too late' });
  expect(again.statusCode).toBe(409);
  expect(textOf(again.body)).toContain('removed it in the meantime');
});

test('without a reason, with too many chosen or for too long nothing happens, and the form says what is wrong', async () => {
  const { portal, admin, chosen, prisma } = await compared();
  await using _ = portal;
  const [first] = await chosen();
  const form = { chosen: first!, verdict: 'adopt', reason: 'Known', durationMinutes: '60' };
  for (const [wrong, sentence] of [
    [{ reason: '' }, 'Say why, in a sentence'],
    [{ chosen: [] }, 'Choose at least one finding.'],
    [{ chosen: Array.from({ length: 21 }, () => first!) }, 'Choose at most 20 findings at a time.'],
    [{ durationMinutes: '9999' }, 'the longest duration of the portal'],
    [{ durationMinutes: 'soon' }, 'Give whole minutes.'],
  ] as const) {
    const answer = await admin.post(`${PAGE}/decisions`, { ...form, ...wrong } as Record<string, string | string[]>);
    expect(answer.statusCode).toBe(422);
    expect(textOf(answer.body)).toContain(sentence);
  }
  expect(await prisma.grant.count()).toBe(0);
  expect(await prisma.driftFinding.count({ where: { state: { not: 'open' } } })).toBe(0);
});

test('auditors read and change nothing; others may not see the page', async () => {
  const { portal, chosen } = await compared();
  await using _ = portal;
  const [first] = await chosen();
  const auditor = await portal.signIn(DEMO_PEOPLE.auditor);
  const page = await auditor.get(PAGE);
  expect(page.statusCode).toBe(200);
  expect(page.body).not.toContain('name="chosen"');
  expect(page.body).not.toContain('Compare account');
  const form = { chosen: first!, verdict: 'leave', reason: 'x' };
  expect((await auditor.post(`${PAGE}/decisions`, form)).statusCode).toBe(403);
  expect((await auditor.post(`${PAGE}/comparisons`, { scope: 'own' })).statusCode).toBe(403);
  const requester = await portal.signIn(DEMO_PEOPLE.requester);
  expect((await requester.get(PAGE)).statusCode).toBe(403);
});

test('a comparison that is asked for shows how far it is; a person whom AWS does not tell of is compared by account', async () => {
  const { portal, admin, prisma } = await compared();
  await using _ = portal;
  const finding = await prisma.driftFinding.findFirstOrThrow();
  expect((await admin.post(`${PAGE}/comparisons`, { accountId: 'nowhere' })).statusCode).toBe(422);
  expect((await admin.post(`${PAGE}/comparisons`, { userId: finding.principalId })).statusCode).toBe(303);
  const before = /hx-get="([^"]+drift\/state[^"]+)"/.exec((await admin.get(PAGE)).body)![1]!;
  expect((await admin.get(before, { 'hx-request': 'true' })).statusCode).toBe(204);
  expect(textOf((await admin.get(PAGE)).body)).toContain('Under way or waiting');
  await workAsked(unhurried(portal), STAYS, AT_ONCE);
  const live = await admin.get(before, { 'hx-request': 'true' });
  expect(live.statusCode).toBe(200);
  const link = /href="(\/admin\/drift\?q=[^"]+)">show them/.exec(live.body)![1]!;
  expect((await admin.get(link)).body).toContain(finding.accountId);
  const runs = await prisma.driftRequest.findMany({ where: { requestedById: { not: 'drift' } } });
  expect(runs).toMatchObject([{ scope: 'account', scopeId: finding.accountId, error: null }]);
  await prisma.driftFinding.deleteMany();
  const nothingKnown = await admin.post(`${PAGE}/comparisons`, { userId: finding.principalId });
  expect(nothingKnown.statusCode).toBe(422);
  expect(textOf(nothingKnown.body)).toContain('compare accounts instead');
});

test('the first twenty can be chosen by a link, and too many are counted', async () => {
  const { portal, admin, chosen } = await compared();
  await using _ = portal;
  const [first] = await chosen();
  const { body } = await admin.get(`${PAGE}?choose=20`);
  expect([...body.matchAll(/data-row-focus checked/g)]).toHaveLength((await chosen()).length);
  expect((await admin.get('/')).body).toContain('from AWS wait for your decision');
  const form = { chosen: Array.from({ length: 22 }, () => first!), verdict: 'leave', reason: 'x' };
  expect(textOf((await admin.post(`${PAGE}/decisions`, form)).body)).toContain('You chose 22.');
});

test('two thousand findings are paged and searched on the server', async () => {
  const { portal, admin, prisma } = await compared();
  await using _ = portal;
  const { principalId, permissionSetArn } = await prisma.driftFinding.findFirstOrThrow();
  await prisma.driftFinding.deleteMany();
  await prisma.driftFinding.createMany({
    data: Array.from({ length: 2_000 }, (_each, index) => ({
      kind: 'unknown',
      principalId,
      permissionSetArn,
      accountId: String(300_000_000_000 + index),
    })),
  });
  const seen = new Set<string>();
  let address: string | null = PAGE;
  while (address !== null) {
    const { body } = await admin.get(address);
    const rows = [...body.matchAll(/name="chosen" value="([^"]+)"/g)].map(([, value]) => value!);
    expect(rows.length).toBeLessThanOrEqual(50);
    for (const row of rows) seen.add(row);
    address = /rel="next" href="([^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? null;
  }
  expect(seen.size).toBe(2_000);
  expect(textOf((await admin.get(`${PAGE}?q=300000001234`)).body)).toContain('1 finding matches');
  expect(textOf((await admin.get(`${PAGE}?q=nobody`)).body)).toContain('Nothing matches');
});
