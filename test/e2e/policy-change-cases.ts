import type { Page } from 'playwright-core';
import { DEMO_PEOPLE, demoUserId } from '../../src/sandbox/demo-organization.ts';
import type { TestPortal } from '../support/portal.ts';
import type { PageCase, Stage } from './page-cases.ts';

const CHANGES = '/admin/policy-changes';
const BASES = {
  eligibility: '/admin/eligibility-policies',
  approval: '/admin/approval-policies',
  guardrail: '/admin/guardrails',
};

type Kind = keyof typeof BASES;
type Address = (portal: TestPortal) => string | Promise<string>;

function at(title: string, route: string, address: Address, who: PageCase['who'] = 'admin'): PageCase {
  return {
    title,
    route: `GET ${route}`,
    who,
    status: 200,
    open: async (page: Page, { portal }: Stage) => page.goto(await address(portal)),
  };
}

/** The policy of this kind that has the most versions. */
async function versionsOf({ database }: TestPortal, kind: Kind): Promise<{ address: string; last: number }> {
  const versions = await database.db.prisma.policyVersion.findMany({ where: { kind }, orderBy: { version: 'desc' } });
  const [most] = versions.filter(({ document }) => document !== null);
  if (!most) throw new Error(`no ${kind} policy has a version`);
  return { address: `${BASES[kind]}/${most.policyId}/versions`, last: most.version };
}

/** A change that waits, by the admin who looks or by another one, of the roles and the duration of a policy. */
async function waiting({ database }: TestPortal, whose: 'own' | 'of another'): Promise<string> {
  const { prisma } = database.db;
  const name = `Waits, ${whose}`;
  const known = await prisma.policyChange.findFirst({ where: { name } });
  if (known) return `${CHANGES}/${known.id}`;
  const policies = await prisma.eligibilityPolicy.findMany({ orderBy: { createdAt: 'desc' }, take: 2 });
  const policy = policies[whose === 'own' ? 0 : 1];
  if (!policy) throw new Error('the demo has too few policies');
  const { createdAt: _, updatedAt: __, updatedById: ___, updatedByName: ____, id, version, ...content } = policy;
  const document = {
    ...content,
    maxDurationMinutes: 30,
    note: 'Half an hour is enough.',
    startsAt: null,
    endsAt: null,
  };
  const by = whose === 'own' ? demoUserId(DEMO_PEOPLE.admin) : 'somebody-else';
  const change = await prisma.policyChange.create({
    data: {
      kind: 'eligibility',
      policyId: id,
      baseVersion: version,
      name,
      document,
      ticket: 'CHG-77',
      proposedById: by,
      proposedByName: 'Ada Admin',
    },
  });
  return `${CHANGES}/${change.id}`;
}

/** The pages of what policies said, and of changes that wait for a second admin. */
export const POLICY_CHANGE_CASES: PageCase[] = [
  ...(['eligibility', 'approval', 'guardrail'] as const).flatMap((kind) => [
    at(`every version, ${kind}`, `${BASES[kind]}/:id/versions`, async (portal) => {
      return (await versionsOf(portal, kind)).address;
    }),
    at(
      `one version as auditors read it, ${kind}`,
      `${BASES[kind]}/:id/versions/:version`,
      async (portal) => {
        const { address, last } = await versionsOf(portal, kind);
        return `${address}/${last}`;
      },
      'auditor',
    ),
    at(`an older version fills the form, ${kind}`, `${BASES[kind]}/:id/edit`, async ({ database: { db } }) => {
      const row = await (kind === 'eligibility'
        ? db.prisma.eligibilityPolicy.findFirstOrThrow({ orderBy: { version: 'desc' } })
        : kind === 'approval'
          ? db.prisma.approvalPolicy.findFirstOrThrow({ orderBy: { version: 'desc' } })
          : db.prisma.guardrail.findFirstOrThrow({ orderBy: { version: 'desc' } }));
      return `${BASES[kind]}/${row.id}/edit?version=1`;
    }),
  ]),
  at('a change that waits for this admin', `${CHANGES}/:id`, (portal) => waiting(portal, 'of another')),
  at('a change that waits for another admin', `${CHANGES}/:id`, (portal) => waiting(portal, 'own')),
  at(
    'a change that waits, as auditors read it',
    `${CHANGES}/:id`,
    (portal) => waiting(portal, 'of another'),
    'auditor',
  ),
  at('policy changes', CHANGES, () => CHANGES),
  at('policy changes as auditors read them', CHANGES, () => CHANGES, 'auditor'),
  at('policy changes, none found', CHANGES, () => `${CHANGES}?q=nothing`),
  at('deleted policies', CHANGES, () => `${CHANGES}?status=deleted`),
  at('policy changes that were declined', CHANGES, () => `${CHANGES}?status=declined`),
];
