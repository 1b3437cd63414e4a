import { readFileSync } from 'node:fs';
import { ListInstancesCommand } from '@aws-sdk/client-sso-admin';
import { expect, test } from 'vitest';
import { PROJECT_ROOT } from '../project/files.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';
import { forbid, overdueGrant } from './parts.ts';

/** What Prometheus reads: each sample of ours by its name and labels. */
async function scrape({ app }: Pick<TestPortal, 'app'>): Promise<Map<string, number>> {
  const answer = await app.inject('/metrics');
  expect(answer.statusCode).toBe(200);
  return new Map(
    answer.body
      .split('\n')
      .filter((line) => line.startsWith('latchkey_'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

test('Prometheus reads what the database says, and what this process counted', async () => {
  await using portal = await createTestPortal();
  const { assignmentId } = await overdueGrant(portal, 7);
  await forbid(portal, assignmentId);
  await portal.context.db.pool.query(
    `update access_state set giving_stopped_at = app_now(), giving_stopped_by_id = 'x', giving_stopped_by_name = 'Ada',
       giving_stopped_reason = 'A break-in'`,
  );
  const samples = await scrape(portal);
  expect(samples.get('latchkey_database_up')).toBe(1);
  expect(samples.get('latchkey_overdue_revokes')).toBe(1);
  expect(Math.floor(samples.get('latchkey_oldest_overdue_seconds')! / 60)).toBe(7);
  expect(samples.get('latchkey_cannot_revoke')).toBe(1);
  expect(samples.get('latchkey_stuck_grants')).toBe(0);
  expect(samples.get('latchkey_grants{status="ending"}')).toBe(1);
  expect(samples.get('latchkey_queue_up')).toBe(1);
  expect(samples.get('latchkey_queue_jobs{queue="access",state="active"}')).toBe(0);
  expect(samples.get('latchkey_budget_tokens{family="sso-admin"}')).toBeGreaterThan(0);
  expect(samples.get('latchkey_directory_age_seconds{kind="users"}')).toBeLessThan(60);
  // Never is not an age.
  expect([...samples.keys()].filter((name) => name.startsWith('latchkey_drift_age_seconds'))).toEqual([]);
  expect(samples.get('latchkey_replicas_alive')).toBe(1);
  expect(samples.get('latchkey_giving_stopped')).toBe(1);
  expect(samples.get('latchkey_aws_calls_total{service="SSOAdmin",operation="ListInstances",outcome="ok"}')).toBe(1);
});

test('a call that AWS refuses is counted by what AWS said', async () => {
  await using portal = await createTestPortal();
  portal.sandbox.faults.throttleShare = 1;
  await expect(portal.context.aws.ssoAdmin.send(new ListInstancesCommand({}))).rejects.toThrow();
  const samples = await scrape(portal);
  const refused =
    'latchkey_aws_calls_total{service="SSOAdmin",operation="ListInstances",outcome="ThrottlingException"}';
  expect(samples.get(refused)).toBe(1);
});

test('a scrape answers while the database is away, and says so instead of old figures', async () => {
  await using portal = await createTestPortal();
  await overdueGrant(portal, 7);
  const { pool } = portal.context.db;
  const connect = pool.query;
  pool.query = (() => Promise.reject(new Error('ECONNREFUSED'))) as typeof pool.query;
  const samples = await scrape(portal);
  pool.query = connect;
  expect(samples.get('latchkey_database_up')).toBe(0);
  expect([...samples.keys()].filter((name) => /overdue|grants|budget|replicas/.test(name))).toEqual([]);
  expect((await scrape(portal)).get('latchkey_overdue_revokes')).toBe(1);
});

test('where the tables of the queue are gone the rest is told all the same', async () => {
  await using portal = await createTestPortal();
  await portal.context.db.pool.query('drop schema pgboss cascade');
  const samples = await scrape(portal);
  expect(samples.get('latchkey_queue_up')).toBe(0);
  expect(samples.get('latchkey_database_up')).toBe(1);
});

test('the table of metrics names every metric of ours, with its type, and no other', async () => {
  await using portal = await createTestPortal();
  const documented = [
    ...readFileSync(`${PROJECT_ROOT}/docs/operations.md`, 'utf8').matchAll(
      /^\| `(latchkey_\w+)`[^|]*\| (counter|gauge|histogram) \|/gm,
    ),
  ].map(([, name, type]) => `${name} ${type}`);
  const registered = (await portal.context.metrics.getMetricsAsJSON())
    .filter(({ name }) => name.startsWith('latchkey_'))
    .map(({ name, type }) => `${name} ${type}`);
  expect(documented.toSorted()).toEqual(registered.toSorted());
  expect(new Set(documented).size).toBe(documented.length);
});
