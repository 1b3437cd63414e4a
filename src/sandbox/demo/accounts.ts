import { organizationalUnitIdOf } from '../identifiers.ts';
import type { OrganizationalUnit, SandboxAccount } from '../organization.ts';

const ROOT_ID = 'r-ex4m';
export const MANAGEMENT_ACCOUNT_ID = '100200300400';

/** Where the demo's portal runs: the account to which Identity Center's administration is delegated. */
export const IDENTITY_ACCOUNT_ID = '110022003301';

interface UnitPlan {
  /** Account name → account ID. */
  accounts?: Record<string, string>;
  units?: Record<string, UnitPlan>;
}

const PLAN: UnitPlan = {
  accounts: { 'example-management': MANAGEMENT_ACCOUNT_ID },
  units: {
    Workloads: {
      units: {
        Production: {
          accounts: { 'data-prod': '210000000108', 'mobile-api-prod': '210000000116' },
          units: {
            Payments: {
              accounts: {
                'payments-prod': '211000000205',
                'payments-prod-dr': '211000000213',
                'ledger-prod': '211000000221',
              },
            },
            Storefront: {
              accounts: {
                'storefront-prod': '212000000304',
                'search-prod': '212000000312',
                'catalog-prod': '212000000320',
              },
            },
          },
        },
        Staging: {
          accounts: {
            'payments-staging': '220000000403',
            'ledger-staging': '220000000411',
            'storefront-staging': '220000000429',
            'search-staging': '220000000437',
            'data-staging': '220000000445',
          },
        },
        Development: {
          accounts: {
            'payments-dev': '230000000502',
            'ledger-dev': '230000000510',
            'storefront-dev': '230000000528',
            'search-dev': '230000000536',
            'data-dev': '230000000544',
            'mobile-api-dev': '230000000552',
          },
        },
      },
    },
    Platform: {
      accounts: {
        network: '310000000601',
        'shared-services': '310000000619',
        'ci-cd': '310000000627',
        backup: '310000000635',
      },
      units: { Observability: { accounts: { monitoring: '311000000700' } } },
    },
    Security: {
      accounts: {
        identity: IDENTITY_ACCOUNT_ID,
        'security-tooling': '110022003319',
        'log-archive': '110022003327',
      },
    },
    Sandbox: {
      accounts: {
        'sandbox-payments': '410000000809',
        'sandbox-machine-learning': '410000000817',
        'sandbox-hackathon': '410000000825',
      },
    },
    Suspended: { accounts: { 'old-webshop': '510000000908' } },
  },
};

/** The demo company's accounts by name, for whoever writes policies and history for them. */
export const DEMO_ACCOUNTS: Record<string, string> = Object.fromEntries(accountsBelow(PLAN, ROOT_ID, ''));

/** The demo company's OUs by path (`Workloads/Production/Payments`); the root is the empty path. */
export const DEMO_UNITS: Record<string, string> = Object.fromEntries([['', ROOT_ID], ...unitsBelow(PLAN, '')]);

/** A fresh copy of the OU tree. */
export function demoRoot(): OrganizationalUnit {
  return { id: ROOT_ID, name: 'Root', children: children(PLAN, '') };
}

/** A fresh copy of the accounts. */
export function demoAccounts(): SandboxAccount[] {
  return accountsBelow(PLAN, ROOT_ID, '').map(([name, id, parentId]) => ({
    id,
    name,
    email: `aws+${name}@example.com`,
    parentId,
    state: parentId === DEMO_UNITS.Suspended ? 'SUSPENDED' : 'ACTIVE',
  }));
}

function unitPlans(plan: UnitPlan, above: string): { name: string; path: string; id: string; plan: UnitPlan }[] {
  return Object.entries(plan.units ?? {}).map(([name, below]) => {
    const path = above === '' ? name : `${above}/${name}`;
    return { name, path, id: organizationalUnitIdOf(ROOT_ID, path), plan: below };
  });
}

function children(plan: UnitPlan, above: string): OrganizationalUnit[] {
  return unitPlans(plan, above).map((unit) => ({
    id: unit.id,
    name: unit.name,
    children: children(unit.plan, unit.path),
  }));
}

function unitsBelow(plan: UnitPlan, above: string): [string, string][] {
  return unitPlans(plan, above).flatMap((unit) => [[unit.path, unit.id], ...unitsBelow(unit.plan, unit.path)]);
}

function accountsBelow(plan: UnitPlan, parentId: string, above: string): [name: string, id: string, parent: string][] {
  const here = Object.entries(plan.accounts ?? {});
  const below = unitPlans(plan, above).flatMap((unit) => accountsBelow(unit.plan, unit.id, unit.path));
  return [...here.map(([name, id]): [string, string, string] => [name, id, parentId]), ...below];
}
