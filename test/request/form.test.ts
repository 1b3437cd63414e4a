import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestClient } from '../support/client.ts';
import {
  another,
  approver,
  attacking,
  freeRoles,
  hostile,
  largePortal,
  organization,
  requester,
  roles,
  suspended,
  wanted,
} from './large.ts';

let portal: Awaited<ReturnType<typeof largePortal>>;
let client: TestClient;
const [free] = freeRoles as [(typeof roles)[number]];
const decided = roles.at(-1)!;
const active = organization.accounts.filter(({ state }) => state === 'ACTIVE');

beforeAll(async () => {
  portal = await largePortal();
  client = await portal.signIn(requester.userName);
});
afterAll(() => portal?.[Symbol.asyncDispose]());
beforeEach(() => portal.context.db.pool.query('truncate favourite_accounts, settings'));

const sql = (text: string, values: unknown[] = []) => portal.context.db.pool.query(text, values);
const typed = async (q: string, path = '/requests/new/accounts?') =>
  (await client.get(`${path}${new URLSearchParams({ q })}`, { 'hx-request': 'true' })).body;
const offeredIn = (list: string) => [...list.matchAll(/data-value="([^"]+)"/g)].map((match) => match[1]!);
const selectable = (page: string) =>
  [...page.slice(0, page.indexOf('<template>')).matchAll(/<option value="(\d{12})"/g)].map((match) => match[1]!);
const page = async (fields: Record<string, string>) =>
  (await client.get(`/requests/new?${new URLSearchParams(fields)}`)).body;
const verdictOf = (body: string) => /<section class="verdict".*?<\/section>/s.exec(body)?.[0] ?? '';

describe('the list of accounts', () => {
  it('shows the first fifty and how many there are, none of them suspended', async () => {
    const list = await typed('');
    expect(offeredIn(list)).toHaveLength(50);
    expect(list).toContain(`50 of ${active.length} accounts: type to narrow.`);
    expect(await typed(suspended.id)).toContain(`No accounts match “${suspended.id}”.`);
  });

  it('finds an account by its name, its ID, its e-mail and its OUs', async () => {
    const unit = organization.root.children.find(({ name }) => name === 'Production')!;
    expect(offeredIn(await typed(wanted.name))).toContain(wanted.id);
    expect(offeredIn(await typed(wanted.id))).toEqual([wanted.id]);
    expect(offeredIn(await typed(wanted.email.toUpperCase()))).toContain(wanted.id);
    const byUnit = await typed(`${unit.name} payments`);
    expect(offeredIn(byUnit).length).toBeGreaterThan(1);
    for (const [, detail] of byUnit.matchAll(/class="hint" dir="auto">([^<]+)</g)) expect(detail).toContain(unit.name);
  });

  it('is the same without scripts, for whatever is typed', async () => {
    for (const q of ['', 'pay', wanted.id, 'nothing like it']) {
      const list = await typed(q);
      const body = await page({ q });
      expect(selectable(body), q).toEqual(offeredIn(list));
      expect(body).toContain(/data-combobox-note>([^<]+)</.exec(list)![1]);
      expect(body).toContain(`name="q" value="${q}"`);
    }
  });

  it('is searched with a post that keeps what is filled in out of every address, and changes nothing', async () => {
    const fields = { q: wanted.id, justification: 'Something for few eyes.', ticket: 'OPS-77' };
    const { statusCode, body } = await client.post('/requests/new/draft', fields);
    expect(statusCode).toBe(200);
    expect(selectable(body)).toEqual([wanted.id]);
    expect(body).toContain('Something for few eyes.</textarea>');
    expect(body).toContain('value="OPS-77"');
    expect(body).not.toContain('formmethod="get"');
    expect(body).not.toContain('data-error-summary');
    const { rows } = await sql('select count(*)::int as requests from requests');
    expect(rows).toEqual([{ requests: 0 }]);
    const entered = await client.get('/requests/new/draft');
    expect([entered.statusCode, entered.headers.location]).toEqual([303, '/requests/new']);
  });

  it('keeps a name that is markup as text', async () => {
    for (const body of [await typed(attacking.id), await page({ accountId: attacking.id }), await typed(hostile)]) {
      expect(body).not.toContain('<img src=x');
      expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    }
  });

  it('asks the database few questions for each letter', async () => {
    let questions = 0;
    const count = () => {
      questions += 1;
    };
    portal.context.db.pool.on('acquire', count);
    const counts: number[] = [];
    // One of them may come when the session's last use is due to be noted.
    for (const q of ['p', 'pa', 'pay']) {
      questions = 0;
      await typed(q);
      counts.push(questions);
    }
    portal.context.db.pool.off('acquire', count);
    expect(Math.min(...counts)).toBeLessThanOrEqual(6);
  });
});

describe('the roles of an account', () => {
  it('are searched where they are many, by name and description, without scripts too', async () => {
    const path = `/requests/new/roles?accountId=${wanted.id}&`;
    expect(offeredIn(await typed('', path))).toHaveLength(roles.length);
    expect(offeredIn(await typed(decided.name, path))).toContain(decided.arn);
    const body = await page({ accountId: wanted.id, roleQuery: decided.name });
    expect(body).toContain(`<option value="${decided.arn}"`);
    expect(body).not.toContain(`<option value="${free.arn}"`);
    expect(await typed('', '/requests/new/roles?accountId=&')).toContain('There are no roles to choose from.');
  });

  it('are not those of an account in which nothing is offered', async () => {
    const other = await portal.signIn(approver.userName);
    const { body } = await other.get(`/requests/new/roles?accountId=${wanted.id}&q=`);
    expect(offeredIn(body)).toEqual([]);
    expect(offeredIn((await other.get('/requests/new/accounts?q=')).body)).toEqual([]);
  });
});

describe('favourites', () => {
  const star = (accountId: string, favourite: boolean, fields: Record<string, string> = {}, headers = {}) =>
    client.post(`/favourites/${accountId}`, { favourite: String(favourite), ...fields }, headers);
  const events = async () =>
    (await sql(`select kind from audit_events where kind like 'favourite.%' order by id`)).rows.map(({ kind }) => kind);

  it('come first, are kept for one person, and leave with their star; each change leaves an event', async () => {
    const before = (await events()).length;
    const answer = await star(wanted.id, true, { justification: 'typed before', ticket: 'CHG-1' });
    expect(answer.statusCode).toBe(303);
    const { body } = await client.get(String(answer.headers.location));
    expect(body).toContain('>typed before</textarea>');
    expect(body).toContain('value="CHG-1"');
    expect(body).toMatch(new RegExp(`<optgroup label="Favourites">\\s*<option value="${wanted.id}"[^>]* selected`));
    expect(offeredIn(await typed(''))[0]).toBe(wanted.id);
    expect(offeredIn(await typed(''))).toHaveLength(50);
    await star(wanted.id, true);
    await star(wanted.id, false);
    await star(wanted.id, false);
    expect(await typed('')).not.toContain('Favourites');
    expect((await events()).slice(before)).toEqual(['favourite.added', 'favourite.removed']);
  });

  it('are there once when two stars race', async () => {
    const answers = await Promise.all([star(wanted.id, true), star(wanted.id, true), star(another.id, true)]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([303, 303, 303]);
    const { rows } = await sql('select account_id from favourite_accounts where user_id = $1', [requester.id]);
    expect(rows.map(({ account_id }) => account_id).sort()).toEqual([wanted.id, another.id].sort());
  });

  it('are fifty at most, with a sentence for one more and nothing lost of what was typed', async () => {
    const fifty = active.filter(({ id }) => id !== wanted.id).slice(0, 50);
    for (const { id } of fifty) await sql('insert into favourite_accounts values ($1, $2)', [requester.id, id]);
    const answer = await star(wanted.id, true, { justification: 'typed before' });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('You have 50 favourite accounts, which is the most there can be.');
    expect(answer.body).toContain('>typed before</textarea>');
    const part = await star(wanted.id, true, {}, { 'hx-request': 'true' });
    expect(part.statusCode).toBe(422);
    expect(part.body).not.toContain('<html');
    await sql(`update favourite_accounts set account_id = '999999999999' where account_id = $1`, [fifty[0]!.id]);
    expect((await star(wanted.id, true)).statusCode).toBe(303);
  });

  it('are only accounts in which something is offered', async () => {
    const other = await portal.signIn(approver.userName);
    expect((await other.post(`/favourites/${wanted.id}`, { favourite: 'true' })).statusCode).toBe(404);
    expect((await star('999999999999', true)).statusCode).toBe(404);
    expect((await star(suspended.id, true)).statusCode).toBe(404);
  });
});

describe('beside the form', () => {
  const ask = { accountId: wanted.id, permissionSetArn: free.arn };

  it('stands in words what the person may use, before a duration is chosen', async () => {
    const said = verdictOf(await page(ask));
    expect(said).toContain(
      `You may use ${free.name} here for up to 2 hours without approval, up to 8 hours if ${approver.displayName} approves.`,
    );
    expect(verdictOf(await page({ ...ask, permissionSetArn: decided.arn }))).toContain(
      `You may use ${decided.name} here for up to 8 hours if ${approver.displayName} approves.`,
    );
  });

  it('is told what was asked for already, and it can be asked for again', async () => {
    const fields = {
      ...ask,
      permissionSetArn: decided.arn,
      durationMinutes: '60',
      justification: 'Look at the ledger.',
    };
    const { headers } = await client.post('/requests', fields);
    const said = verdictOf(await page(fields));
    expect(said).toContain('You asked for this already, and it waits for a decision');
    expect(said).toContain(`href="${headers.location}"`);
    expect(verdictOf(await page({ ...fields, accountId: another.id }))).not.toContain('already');
    expect((await client.post('/requests', fields)).statusCode).toBe(303);
  });

  it('says why nobody can be given the management account to a delegated administrator', async () => {
    const { managementAccountId } = organization;
    await sql('update instance_binding set delegated = true');
    const list = await typed(managementAccountId);
    expect(list).toMatch(new RegExp(`data-value="${managementAccountId}"[^>]* aria-disabled="true"`));
    const body = await page({ ...ask, accountId: managementAccountId });
    expect(verdictOf(body)).toContain('data-verdict="refused"');
    expect(verdictOf(body)).toContain('is the management account of the organization');
    await sql('update instance_binding set delegated = false');
    expect(await typed(managementAccountId)).not.toContain('aria-disabled');
  });
});

describe('the settings', () => {
  const set = (value: object) => sql('insert into settings (value) values ($1)', [JSON.stringify(value)]);
  const durations = (body: string) =>
    [...(/<select id="field-durationMinutes".*?<\/select>/s.exec(body)?.[0] ?? '').matchAll(/value="(\d+)"/g)].map(
      (match) => Number(match[1]),
    );

  it('can leave only some durations, which then are the only choices, up to the longest of the role', async () => {
    const ask = { accountId: wanted.id, permissionSetArn: free.arn };
    expect(await page(ask)).toContain('name="customMinutes"');
    await set({ allowedDurationsMinutes: [30, 90, 480, 540] });
    const body = await page(ask);
    expect(durations(body)).toEqual([30, 90, 480]);
    expect(body).not.toContain('name="customMinutes"');
    expect(body).toMatch(/<option value="30" selected/);
    const refused = await client.post('/requests', {
      ...ask,
      durationMinutes: '60',
      justification: 'Look at the ledger.',
    });
    expect(refused.statusCode).toBe(422);
    expect(/id="field-durationMinutes-error">.*?<\/p>/s.exec(refused.body)?.[0]).toContain(
      'Choose one of these durations: 30 min, 1 h 30 min, 8 h.',
    );
  });

  it('can ask for a ticket of one form, and the field says so', async () => {
    const ticketField = (body: string) => /<label for="field-ticket">.*?<input[^>]*>/s.exec(body)?.[0] ?? '';
    expect(ticketField(await page({}))).toContain('optional');
    await set({ ticketRequired: true, ticketPattern: 'CHG-[0-9]+', ticketExample: 'CHG-1234' });
    const field = ticketField(await page({}));
    expect(field).not.toContain('optional');
    expect(field).toContain(' required');
    expect(field).toContain('like CHG-1234');
  });
});
