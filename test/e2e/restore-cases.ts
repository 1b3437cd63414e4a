import type { Page } from 'playwright-core';
import { DEMO_ACCOUNTS, DEMO_PEOPLE, DEMO_PERMISSION_SETS, demoUserId } from '../../src/sandbox/demo-organization.ts';
import type { TestPortal } from '../support/portal.ts';
import type { PageCase, Stage } from './page-cases.ts';

const PAGE = '/admin/restore';
const UNKNOWN = [demoUserId(DEMO_PEOPLE.auditor), DEMO_ACCOUNTS['payments-dev'], DEMO_PERMISSION_SETS.PowerUser];

/** A backup was restored, and the comparison found something that it does not know. */
async function hold({ database }: TestPortal): Promise<void> {
  await database.db.pool.query('update access_state set restored_at = app_now(), restore_reviewed_at = null');
  await database.db.pool.query(
    `insert into drift_findings (kind, principal_id, account_id, permission_set_arn, found_at, seen_at)
     values ('unknown', $1, $2, $3, app_now(), app_now()) on conflict do nothing`,
    UNKNOWN,
  );
}

/** The pages of the other cases know of no restore. */
async function letGo({ database }: TestPortal): Promise<void> {
  await database.db.pool.query('update access_state set restored_at = null');
  await database.db.pool.query(
    'delete from drift_findings where principal_id = $1 and account_id = $2 and permission_set_arn = $3',
    UNKNOWN,
  );
}

function held(title: string, status: number, open: (page: Page) => Promise<unknown>, route = `GET ${PAGE}`): PageCase {
  return {
    title,
    route,
    who: 'admin',
    status,
    async open(page, { portal }: Stage) {
      await hold(portal);
      try {
        return await open(page);
      } finally {
        await letGo(portal);
      }
    },
  };
}

/** What a restored backup leaves uncertain. */
export const RESTORE_CASES: PageCase[] = [
  { title: 'no restored backup', route: `GET ${PAGE}`, who: 'admin', status: 200, open: (page) => page.goto(PAGE) },
  held('a restored backup', 200, (page) => page.goto(PAGE)),
  held(
    'going on without looking',
    422,
    async (page) => {
      await page.goto(PAGE);
      const landed = page.waitForEvent('load');
      await page.evaluate(
        `{ const form = document.querySelector('main form[action="${PAGE}"]'); form.noValidate = true; form.requestSubmit(); }`,
      );
      await landed;
    },
    `POST ${PAGE}`,
  ),
];
