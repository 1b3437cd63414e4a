import { expect, it } from 'vitest';
import { demoGroupId } from '../../src/sandbox/demo-organization.ts';
import { look, running, watch } from './running.ts';
import { useStage } from './stage.ts';

const shared = useStage();
const ENGINEERS = demoGroupId('Payments Engineers');
const id = (n: number) => `99999999-0000-4000-8000-${String(n).padStart(12, '0')}`;
const PEOPLE = 1_000;

it('of 1,000 people with access all are looked at in as many calls as their groups have pages, and one alarm tells of many at once', async () => {
  const { stage } = shared;
  const { organization, calls } = stage.sandbox;
  const { pool } = stage.context.db;
  const grant = await running(stage);
  for (let n = 1; n <= PEOPLE; n++) {
    const userName = `person${n}`;
    const name = { userName, displayName: userName, givenName: '', familyName: '', email: '' };
    organization.users.push({ id: id(n), ...name, status: 'ENABLED' });
    organization.memberships.get(ENGINEERS)!.add(id(n));
  }
  await stage.sync();
  await pool.query(
    `with a as (
       insert into assignments (instance_arn, principal_id, target_id, permission_set_arn, ownership, absent_seen_at, observed, observed_at,
         must_be_gone_by)
       select instance_arn, '99999999-0000-4000-8000-' || lpad(n::text, 12, '0'), target_id, permission_set_arn, ownership,
         absent_seen_at, observed, observed_at, must_be_gone_by from assignments, generate_series(1, $2) n where id = $1
       returning id, principal_id
     )
     insert into grants (assignment_id, request_id, basis, status, user_id, account_id, permission_set_arn, user_display_name,
       user_name, account_name, ou_path, permission_set_name, session_seconds, duration_minutes, opens_at, closes_at,
       latest_end, activated_at)
     select a.id, g.request_id, g.basis, g.status, a.principal_id, g.account_id, g.permission_set_arn, a.principal_id,
       a.principal_id, g.account_name, g.ou_path, g.permission_set_name, g.session_seconds, g.duration_minutes, g.opens_at,
       g.closes_at, g.latest_end, g.activated_at from a, grants g where g.id = $3`,
    [grant.assignmentId, PEOPLE, grant.id],
  );
  calls.clear();
  expect(await watch(stage, 'watch-rights')).toEqual({ judged: PEOPLE + 1, revoked: 0, told: 0 });
  expect(calls.count('ListGroupMemberships')).toBeLessThanOrEqual(12);
  expect(calls.count('ListGroupMembershipsForMember') + calls.count('DescribeUser')).toBe(0);

  // One who left costs two calls more.
  calls.clear();
  organization.memberships.get(ENGINEERS)!.delete(id(7));
  expect(await watch(stage, 'watch-rights')).toEqual({ judged: PEOPLE + 1, revoked: 1, told: 0 });
  expect(calls.count('ListGroupMembershipsForMember') + calls.count('DescribeUser')).toBe(2);
  const alarms = async () => (await stage.mails()).filter((each) => each.startsWith('alarm'));
  expect(await alarms()).toEqual([]);

  // Enough to be many, and quick to take away.
  await pool.query('delete from grants where user_id > $1', [id(40)]);
  const left = await stage.count("grants where status = 'active'");
  // All at once: it is due, nobody is read for it, and administrators hear of it in one mail each.
  calls.clear();
  await stage.eligibilityBecomes({ enabled: false });
  expect(await watch(stage, 'watch-rights')).toEqual({ judged: left, revoked: left, told: 0 });
  expect([...calls.totals().keys()].filter((name) => /Group|User/.test(name))).toEqual([]);
  expect((await look(stage, grant)).endCause).toBe('rights_lost');
  const told = await alarms();
  expect(told.length).toBeGreaterThan(0);
  expect(new Set(told).size).toBe(told.length);
}, 120_000);
