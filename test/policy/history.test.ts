import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { fillDirectory, ROLE } from './directory.ts';
import { DEVELOPERS, portalOf, wordsOf } from './two-admins.ts';

const ELIGIBILITY = '/admin/eligibility-policies';
const APPROVAL = '/admin/approval-policies';
const GUARDRAILS = '/admin/guardrails';
const LEADS = {
  approvers: 'GROUP:leads',
  approvalsNeeded: '1',
  targets: 'OU:r-root',
  includeNestedOus: 'true',
  enabled: 'true',
};

let database: TestDatabase;
let ada: Awaited<ReturnType<typeof portalOf>>;
let auditor: Awaited<ReturnType<typeof portalOf>>;
beforeAll(async () => {
  database = await createTestDatabase();
  await fillDirectory(database.db);
  ada = await portalOf(database, 'Ada', 'admin');
  auditor = await portalOf(database, 'Odo', 'auditor');
});
afterAll(async () => {
  await Promise.all([ada.close(), auditor.close()]);
  await database[Symbol.asyncDispose]();
});

/** Saves a policy, and gives the ID and version that it then has. */
async function save(base: string, fields: Record<string, string | string[]>, id?: string) {
  const answer = await ada.post(id ? `${base}/${id}` : base, fields);
  if (answer.statusCode !== 303) throw new Error(`${answer.statusCode}: ${wordsOf(answer.body).slice(0, 600)}`);
  const { policyId, version } = await database.db.prisma.policyVersion.findFirstOrThrow({
    where: { name: String(fields.name) },
    orderBy: [{ changedAt: 'desc' }, { version: 'desc' }],
  });
  return { id: policyId, version: String(version) };
}

/** The fields of the form at the address, as a browser would send them. */
async function filled(address: string): Promise<Record<string, string[]>> {
  const { body, statusCode } = await ada.get(address);
  expect(statusCode).toBe(200);
  const form = body.slice(body.indexOf('id="policy-form"'));
  const fields: Record<string, string[]> = {};
  for (const [tag] of form.matchAll(/<(?:input|textarea)[^>]*>[^<]*/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1];
    if (!name || (/type="(checkbox|radio)"/.test(tag) && !/ checked/.test(tag))) continue;
    const value = tag.startsWith('<textarea') ? tag.slice(tag.indexOf('>') + 1) : /value="([^"]*)"/.exec(tag)?.[1];
    fields[name] = [...(fields[name] ?? []), value ?? ''];
  }
  return fields;
}

describe('the history of a policy', () => {
  test('tells each version in names: who, when, ticket, and what changed', async () => {
    const first = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Told', ticket: 'CHG-1' });
    const fields = { ...DEVELOPERS, name: 'Told', version: '1', maxDurationMinutes: '240', ticket: 'CHG-2' };
    await save(ELIGIBILITY, { ...fields, principals: ['GROUP:leads', 'USER:ana'] }, first.id);
    const page = await ada.get(`${ELIGIBILITY}/${first.id}/versions`);
    const words = wordsOf(page.body);
    expect(words).toContain('History of Told');
    expect(words).toMatch(/Version 2 Changed Who \+ added: Ana Ruiz \+ added: Platform Leads − removed: Developers/);
    expect(words).toContain('Longest 2 h → is now 4 h');
    expect(words).toMatch(/Version 1 Created .*Who Developers Where Workloads/);
    expect(words).toContain('by Ada admin');
    expect(words).toContain('CHG-2');
    expect(words.indexOf('Version 2')).toBeLessThan(words.indexOf('Version 1'));
  });

  test('shows one version as it was, to auditors too, who are not offered to restore it', async () => {
    const { id } = await save(APPROVAL, { ...LEADS, name: 'Evidence' });
    await save(APPROVAL, { ...LEADS, name: 'Evidence', version: '1', approvers: 'USER:ben' }, id);
    const asAdmin = await ada.get(`${APPROVAL}/${id}/versions/1`);
    expect(wordsOf(asAdmin.body)).toContain('Step 1: who approves Platform Leads Step 1: approvals needed 1');
    expect(asAdmin.body).toContain(`href="${APPROVAL}/${id}/edit?version=1"`);
    const asAuditor = await auditor.get(`${APPROVAL}/${id}/versions/1`);
    expect(wordsOf(asAuditor.body)).toContain('it was changed since');
    expect(asAuditor.body).not.toContain('Restore');
    expect((await auditor.get(`${APPROVAL}/${id}/versions`)).body).not.toContain('/edit');
  });

  test('tells beside an older version what is different now, and restores any older one from the list', async () => {
    const { id } = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Compared' });
    await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Compared', version: '1', maxDurationMinutes: '60' }, id);
    await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Compared', version: '2', maxDurationMinutes: '30' }, id);
    const first = wordsOf((await ada.get(`${ELIGIBILITY}/${id}/versions/1`)).body);
    expect(first).toContain('What is different now Longest 2 h → is now 30 min');
    expect((await ada.get(`${ELIGIBILITY}/${id}/versions/3`)).body).not.toContain('What is different now');
    const { body } = await ada.get(`${ELIGIBILITY}/${id}/versions`);
    const offered = [...body.matchAll(/href="[^"]*\/edit\?version=(\d)">Restore/g)].map(([, version]) => version);
    expect(offered).toEqual(['2', '1']);
  });

  test('keeps what vanished from the directory readable by its ID', async () => {
    await database.db.prisma.group.create({ data: { id: 'soon-gone', displayName: 'Temps', description: '' } });
    const { id } = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Outlived', principals: 'GROUP:soon-gone' });
    await database.db.prisma.group.delete({ where: { id: 'soon-gone' } });
    expect(wordsOf((await ada.get(`${ELIGIBILITY}/${id}/versions/1`)).body)).toContain('Who soon-gone');
  });

  test('is not there for what never was', async () => {
    const never = '00000000-0000-4000-8000-000000000000';
    const { id } = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'One version' });
    for (const address of [
      `${ELIGIBILITY}/${never}/versions`,
      `${ELIGIBILITY}/${never}/versions/1`,
      `${ELIGIBILITY}/${id}/versions/2`,
      `${ELIGIBILITY}/${id}/versions/x`,
      `${APPROVAL}/${id}/versions`,
      `${ELIGIBILITY}/${id}/edit?version=9`,
      `${ELIGIBILITY}/new?from=${never}&version=1`,
    ]) {
      expect([address, (await ada.get(address)).statusCode]).toEqual([address, 404]);
    }
  });

  test('reads versions that were kept before policies had exclusions, dates and tickets', async () => {
    const { id } = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Old document' });
    await database.db.pool.query(
      "update policy_versions set name = '', document = document - 'exclusions' - 'enabled' - 'startsAt' - 'endsAt' - 'ticket' where policy_id = $1",
      [id],
    );
    const words = wordsOf((await ada.get(`${ELIGIBILITY}/${id}/versions`)).body);
    expect(words).toContain('History of Old document');
    expect(words).toContain('Enabled yes');
    expect(await filled(`${ELIGIBILITY}/${id}/edit?version=1`)).toMatchObject({ principals: ['GROUP:devs'] });
  });

  test('is paged', async () => {
    const { id } = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Often' });
    await database.db.pool.query(
      `insert into policy_versions (policy_id, version, kind, name, document, changed_by_id, changed_by_name)
       select policy_id, n, kind, name, document, 'u', 'Ulla' from policy_versions, generate_series(2, 60) n where policy_id = $1`,
      [id],
    );
    const first = await ada.get(`${ELIGIBILITY}/${id}/versions`);
    expect(first.body.match(/data-row-link/g)).toHaveLength(50);
    const next = /rel="next" href="([^"]+)"/.exec(first.body)?.[1] ?? '';
    const second = await ada.get(next.replaceAll('&amp;', '&'));
    expect(second.body.match(/data-row-link/g)).toHaveLength(10);
    expect(wordsOf(second.body)).toMatch(/History of Often/);
  });
});

describe('restoring an older version', () => {
  test.each([
    ['an eligibility policy', ELIGIBILITY, DEVELOPERS, { maxDurationMinutes: '60', principals: 'USER:ana' }],
    ['an approval policy', APPROVAL, LEADS, { approvers: 'USER:ben', includeNestedOus: '' }],
    ['a guardrail', GUARDRAILS, { neverSelfServed: 'true', permissionSets: ROLE }, { maxDurationMinutes: '30' }],
  ])('of %s fills the form, and saving it makes a new version that says so', async (title, base, fields, later) => {
    const name = `Restored: ${title}`;
    const { id } = await save(base, { ...fields, name, ticket: 'CHG-1' });
    await save(base, { ...fields, ...later, name, version: '1' }, id);
    const form = await filled(`${base}/${id}/edit?version=1`);
    expect(form).toMatchObject({ restoredFrom: [`${id}:1`], version: ['2'], ticket: [''] });
    const draft = await ada.post(`${base}/draft`, form);
    expect(draft.body).toContain(`name="restoredFrom" value="${id}:1"`);
    await save(base, { ...form, name }, id);
    const [one, , three] = await database.db.prisma.policyVersion.findMany({
      where: { policyId: id },
      orderBy: { version: 'asc' },
    });
    expect(three?.document).toEqual({
      ...Object(one?.document),
      ticket: '',
      restoredFrom: { policyId: id, version: 1 },
    });
    const [event] = await database.db.prisma.auditEvent.findMany({
      where: { subjectId: id },
      orderBy: { id: 'desc' },
    });
    expect(event?.after).toMatchObject({ version: 3, restoredFrom: { policyId: id, version: 1 } });
    expect(wordsOf((await ada.get(`${base}/${id}/versions`)).body)).toContain('Restored from version 1');
  });

  test.each([
    ['eligibility', ELIGIBILITY, DEVELOPERS],
    ['approval', APPROVAL, LEADS],
    ['guardrail', GUARDRAILS, { neverSelfServed: 'true', permissionSets: ROLE }],
  ])('of a deleted policy (%s) makes it anew, found through the deleted ones', async (kind, base, fields) => {
    const name = `Deleted ${kind}`;
    const { id } = await save(base, { ...fields, name });
    const gone = await ada.post(`${base}/${id}/deletion`, { version: '1', ticket: 'CHG-9' });
    expect(gone.statusCode).toBe(303);
    const list = await ada.get(base);
    const link = /href="([^"]*status=deleted[^"]*)"/.exec(list.body)?.[1] ?? '';
    const deleted = await ada.get(link.replaceAll('&amp;', '&'));
    expect(wordsOf(deleted.body)).toContain(name);
    expect(wordsOf(deleted.body)).toContain('CHG-9');
    const history = await ada.get(`${base}/${id}/versions`);
    expect(wordsOf(history.body)).toContain('is deleted; what it said stays here');
    expect(history.body).toContain(`${base}/new?from=${id}&amp;version=1`);
    const again = await save(base, { ...(await filled(`${base}/new?from=${id}&version=1`)), name });
    expect(again).toMatchObject({ version: '1' });
    expect(again.id).not.toBe(id);
    expect(wordsOf((await ada.get(`${base}/${again.id}/versions`)).body)).toContain('of a deleted policy');
  });

  test('whose group is gone meanwhile says so at the field, and nothing is stored', async () => {
    await database.db.prisma.group.create({ data: { id: 'temps', displayName: 'Temps', description: '' } });
    const { id } = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Vanished group', principals: 'GROUP:temps' });
    await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Vanished group', version: '1' }, id);
    await database.db.prisma.group.delete({ where: { id: 'temps' } });
    const form = await filled(`${ELIGIBILITY}/${id}/edit?version=1`);
    const answer = await ada.post(`${ELIGIBILITY}/${id}`, form);
    expect(answer.statusCode).toBe(422);
    expect(wordsOf(answer.body)).toContain('The group temps does not exist');
    expect(await database.db.prisma.policyVersion.count({ where: { policyId: id } })).toBe(2);
  });

  test('is noted where no more than the name differs, and not where the form was changed besides', async () => {
    const { id } = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Changed besides' });
    await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Changed besides', note: 'x', version: '1' }, id);
    const form = await filled(`${ELIGIBILITY}/${id}/edit?version=1`);
    await save(ELIGIBILITY, { ...form, name: 'Changed besides', maxDurationMinutes: '61' }, id);
    await save(ELIGIBILITY, { ...form, name: 'Another name', version: '3' }, id);
    const versions = await database.db.prisma.policyVersion.findMany({
      where: { policyId: id },
      orderBy: { version: 'asc' },
    });
    expect(versions[2]?.document).not.toHaveProperty('restoredFrom');
    expect(versions[3]?.document).toMatchObject({ restoredFrom: { policyId: id, version: 1 } });
  });

  test('is not noted where the form names a version that never was, or one of another policy', async () => {
    const { id } = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Not restored' });
    const other = await save(ELIGIBILITY, { ...DEVELOPERS, name: 'Some other' });
    const named = [`${other.id}:1`, `${id}:99`, 'nonsense'];
    for (const [index, restoredFrom] of named.entries()) {
      const fields = { ...DEVELOPERS, name: 'Not restored', note: restoredFrom, restoredFrom };
      await save(ELIGIBILITY, { ...fields, version: String(index + 1) }, id);
    }
    const versions = await database.db.prisma.policyVersion.findMany({ where: { policyId: id } });
    expect(versions).toHaveLength(4);
    for (const { document } of versions) expect(document).not.toHaveProperty('restoredFrom');
  });
});

describe('all changes', () => {
  test('are found by policy, by admin and by ticket, and by kind', async () => {
    await save(GUARDRAILS, { name: 'Findable', neverSelfServed: 'true', permissionSets: ROLE, ticket: 'FIND-77' });
    for (const query of ['q=findable', 'q=find-77', 'q=FINDABLE&kind=guardrail']) {
      const words = wordsOf((await ada.get(`/admin/policy-changes?${query}`)).body);
      expect([query, words.includes('Findable Guardrail')]).toEqual([query, true]);
    }
    const none = await ada.get('/admin/policy-changes?q=findable&kind=approval');
    expect(wordsOf(none.body)).toContain('Nothing matches');
    expect(none.body).toContain('href="/admin/policy-changes"');
    expect((await ada.get('/admin/policy-changes?q=ada+ADMIN')).body).toContain('data-row-link');
  });

  test('say on an empty portal what to do', async () => {
    await using empty = await createTestDatabase();
    const portal = await portalOf(empty, 'Ada', 'admin');
    const words = wordsOf((await portal.get('/admin/policy-changes')).body);
    await portal.close();
    expect(words).toContain('Nothing waits.');
    expect(words).toContain('No policy was ever changed');
    expect(words).toContain('Make an eligibility policy');
  });
});
