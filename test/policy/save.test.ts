import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConflictError, InvalidInputError, NotFoundError } from '../../src/platform/errors.ts';
import {
  type ApprovalPolicy,
  type EligibilityPolicy,
  loadPolicies,
  type PolicyContent,
} from '../../src/policy/index.ts';
import { createTestDatabase } from '../support/db.ts';
import {
  deleteApprovalPolicy,
  deleteEligibilityPolicy,
  PLAIN,
  saveApprovalPolicy,
  saveEligibilityPolicy,
} from '../support/policies.ts';
import { ADMIN, fillDirectory, policyPlatform, ROLE } from './directory.ts';

const developers: PolicyContent<EligibilityPolicy> = {
  name: 'Developers',
  principals: ['GROUP:devs'],
  targets: ['OU:ou-work'],
  includeNestedOus: false,
  permissionSets: [ROLE],
  maxDurationMinutes: 120,
  approvalRequired: true,
  ticketRequired: false,
  note: '',
  ...PLAIN,
};
const leads: PolicyContent<ApprovalPolicy> = {
  name: 'Leads decide',
  targets: ['OU:r-root'],
  includeNestedOus: true,
  permissionSets: [],
  requesterGroups: [],
  broaderMayDecide: false,
  steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 1 }],
  note: '',
  ...PLAIN,
};

async function prepare() {
  const database = await createTestDatabase();
  await fillDirectory(database.db);
  return { database, ...policyPlatform(database) };
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  return null;
}

async function mistakes(work: Promise<unknown>): Promise<Record<string, string>> {
  const error = await refusal(work);
  expect(error).toBeInstanceOf(InvalidInputError);
  return error instanceof InvalidInputError ? error.fields : {};
}

// What is refused stores nothing, so those tests share a database.
let shared: Awaited<ReturnType<typeof prepare>>;
beforeAll(async () => {
  shared = await prepare();
});
afterAll(() => shared.database[Symbol.asyncDispose]());

describe('saving an eligibility policy', () => {
  test('creates it with its first version and an audit event, and it holds at once', async () => {
    const { database, platform, sent } = await prepare();
    await using _ = database;
    expect((await loadPolicies(database.db.prisma)).eligibility).toEqual([]);
    const saved = await saveEligibilityPolicy(platform, developers, ADMIN);
    expect(saved).toMatchObject({ ...developers, version: 1, changed: { byName: 'Ada Admin' } });
    const { eligibility } = await loadPolicies(database.db.prisma);
    expect(eligibility.map((each) => each.policy)).toEqual([{ ...developers, id: saved.id, version: 1 }]);
    const { rows } = await database.db.pool.query(
      "select kind, before, after->>'name' as name, after->'principals' as principals from audit_events where kind like '%policy%'",
    );
    expect(rows).toEqual([
      { kind: 'eligibility-policy.created', before: null, name: 'Developers', principals: ['GROUP:devs'] },
    ]);
    expect(sent).toEqual(['policies-changed', 'directory-sync']);
  });

  test('changes it to the next version, with before and after in the audit log and every version kept', async () => {
    const { database, platform } = await prepare();
    await using _ = database;
    const first = await saveEligibilityPolicy(platform, developers, ADMIN);
    const second = await saveEligibilityPolicy(platform, { ...developers, maxDurationMinutes: 60 }, ADMIN, first);
    expect(second).toMatchObject({ id: first.id, version: 2, maxDurationMinutes: 60 });
    expect((await loadPolicies(database.db.prisma)).eligibility[0]?.policy.maxDurationMinutes).toBe(60);
    const events = await database.db.pool.query(
      "select before->>'maxDurationMinutes' as before, after->>'maxDurationMinutes' as after from audit_events where kind = 'eligibility-policy.changed'",
    );
    expect(events.rows).toEqual([{ before: '120', after: '60' }]);
    const versions = await database.db.pool.query(
      "select version, document->>'maxDurationMinutes' as minutes from policy_versions order by version",
    );
    expect(versions.rows).toEqual([
      { version: 1, minutes: '120' },
      { version: 2, minutes: '60' },
    ]);
  });

  test('that changes nothing writes nothing', async () => {
    const { database, platform } = await prepare();
    await using _ = database;
    const first = await saveEligibilityPolicy(platform, developers, ADMIN);
    expect(await saveEligibilityPolicy(platform, developers, ADMIN, first)).toEqual(first);
    const { rows } = await database.db.pool.query('select version from policy_versions');
    expect(rows).toEqual([{ version: 1 }]);
  });

  test('that another admin changed meanwhile is refused with who did', async () => {
    const { database, platform } = await prepare();
    await using _ = database;
    const seen = await saveEligibilityPolicy(platform, developers, ADMIN);
    const both = await Promise.all([
      refusal(saveEligibilityPolicy(platform, { ...developers, note: 'one' }, ADMIN, seen)),
      refusal(saveEligibilityPolicy(platform, { ...developers, note: 'two' }, ADMIN, seen)),
    ]);
    const errors = both.filter((error) => error !== null);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(ConflictError);
    expect(String(errors[0])).toContain('Ada Admin changed this policy');
  });

  test.each<[string, Partial<PolicyContent<EligibilityPolicy>>, string, string]>([
    ['without principals', { principals: [] }, 'principals', 'Choose at least one person or group.'],
    ['without targets', { targets: [] }, 'targets', 'Choose at least one account or OU.'],
    ['without roles', { permissionSets: [] }, 'permissionSets', 'Choose at least one role.'],
    ['without a name', { name: '' }, 'name', 'Give the policy a name'],
    ['with a name of 101 characters', { name: 'x'.repeat(101) }, 'name', 'Give the policy a name'],
    ['for no time', { maxDurationMinutes: 0 }, 'maxDurationMinutes', 'whole number of minutes'],
    ['for a negative time', { maxDurationMinutes: -60 }, 'maxDurationMinutes', 'whole number of minutes'],
    [
      'for longer than the portal allows',
      { maxDurationMinutes: 541 },
      'maxDurationMinutes',
      '9 h (540 minutes) at most',
    ],
    [
      'for an unknown group',
      { principals: ['GROUP:devs', 'GROUP:nope'] },
      'principals',
      'The group nope does not exist',
    ],
    ['for an unknown person', { principals: ['USER:nope'] }, 'principals', 'The person nope does not exist'],
    ['for an unknown account', { targets: ['ACCOUNT:999999999999'] }, 'targets', '999999999999 does not exist'],
    ['for an unknown OU', { targets: ['OU:nope'] }, 'targets', 'The OU nope does not exist'],
    ['for an unknown role', { permissionSets: [`${ROLE}9`] }, 'permissionSets', 'does not exist'],
  ])('%s is refused with a sentence at the field, and nothing is stored', async (_, wrong, field, sentence) => {
    const { database, platform } = shared;
    const fields = await mistakes(saveEligibilityPolicy(platform, { ...developers, ...wrong }, ADMIN));
    expect(Object.keys(fields)).toEqual([field]);
    expect(fields[field]).toContain(sentence);
    expect(await database.db.prisma.eligibilityPolicy.count()).toBe(0);
    expect(await database.db.prisma.auditEvent.count()).toBe(0);
  });

  test('with the name of another policy is refused, in whatever case, also at the same moment', async () => {
    const { database, platform } = await prepare();
    await using _ = database;
    const both = await Promise.all([
      refusal(saveEligibilityPolicy(platform, developers, ADMIN)),
      refusal(saveEligibilityPolicy(platform, { ...developers, name: 'DEVELOPERS' }, ADMIN)),
    ]);
    const errors = both.filter((error) => error !== null);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ fields: { name: expect.stringContaining('Another policy has this name') } });
  });
});

describe('saving an approval policy', () => {
  test('keeps its steps', async () => {
    const { database, platform } = await prepare();
    await using _ = database;
    const saved = await saveApprovalPolicy(platform, leads, ADMIN);
    expect(saved).toMatchObject({ ...leads, version: 1 });
    const { approval } = await loadPolicies(database.db.prisma);
    expect(approval.map((each) => each.policy)).toEqual([{ ...leads, id: saved.id, version: 1 }]);
  });

  test.each<[string, Partial<PolicyContent<ApprovalPolicy>>, string, string]>([
    ['without approvers', { steps: [{ approvers: [], approvalsNeeded: 1 }] }, 'approvers', 'Choose at least one'],
    [
      'that needs no approval',
      { steps: [{ approvers: ['GROUP:leads'], approvalsNeeded: 0 }] },
      'approvalsNeeded',
      '1 or more',
    ],
    [
      'that needs more than it names',
      { steps: [{ approvers: ['USER:ben'], approvalsNeeded: 2 }] },
      'approvalsNeeded',
      'Only one person is named',
    ],
    [
      'by an unknown group',
      { steps: [{ approvers: ['GROUP:nope'], approvalsNeeded: 1 }] },
      'approvers',
      'The group nope',
    ],
    ['for an unknown requester group', { requesterGroups: ['nope'] }, 'requesterGroups', 'The group nope'],
    ['without targets', { targets: [] }, 'targets', 'at least one account or OU'],
  ])('%s is refused with a sentence at the field', async (_, wrong, field, sentence) => {
    const { database, platform } = shared;
    const fields = await mistakes(saveApprovalPolicy(platform, { ...leads, ...wrong }, ADMIN));
    expect(Object.keys(fields)).toEqual([field]);
    expect(fields[field]).toContain(sentence);
    expect(await database.db.prisma.approvalPolicy.count()).toBe(0);
  });
});

describe('deleting a policy', () => {
  test('ends it at once and keeps that it was deleted, by whom and what it said', async () => {
    const { database, platform } = await prepare();
    await using _ = database;
    const saved = await saveEligibilityPolicy(platform, developers, ADMIN);
    const approval = await saveApprovalPolicy(platform, leads, ADMIN);
    await loadPolicies(database.db.prisma);
    await deleteEligibilityPolicy(platform, saved, ADMIN);
    await deleteApprovalPolicy(platform, approval, ADMIN);
    expect(await loadPolicies(database.db.prisma)).toMatchObject({ eligibility: [], approval: [] });
    const versions = await database.db.pool.query(
      'select kind, document is null as deletion from policy_versions where version = 2 order by kind',
    );
    expect(versions.rows).toEqual([
      { kind: 'approval', deletion: true },
      { kind: 'eligibility', deletion: true },
    ]);
    const events = await database.db.pool.query(
      "select kind, before->>'name' as name, after from audit_events where kind like '%.deleted' order by kind",
    );
    expect(events.rows).toEqual([
      { kind: 'approval-policy.deleted', name: 'Leads decide', after: null },
      { kind: 'eligibility-policy.deleted', name: 'Developers', after: null },
    ]);
  });

  test('is refused where it was changed or deleted since it was seen', async () => {
    const { database, platform } = await prepare();
    await using _ = database;
    const seen = await saveEligibilityPolicy(platform, developers, ADMIN);
    const changed = await saveEligibilityPolicy(platform, { ...developers, note: 'x' }, ADMIN, seen);
    expect(await refusal(deleteEligibilityPolicy(platform, seen, ADMIN))).toBeInstanceOf(ConflictError);
    await deleteEligibilityPolicy(platform, changed, ADMIN);
    expect(await refusal(deleteEligibilityPolicy(platform, changed, ADMIN))).toBeInstanceOf(NotFoundError);
    expect(await refusal(saveEligibilityPolicy(platform, developers, ADMIN, changed))).toBeInstanceOf(NotFoundError);
  });
});
