import { expect, test } from 'vitest';
import { DEVELOPERS, useTwoAdmins, wordsOf } from './two-admins.ts';

const ELIGIBILITY = '/admin/eligibility-policies';

const { database, ada, bob } = useTwoAdmins();

async function proposed(name: string, more: Record<string, string> = {}, id?: string): Promise<string> {
  const answer = await ada().post(id ? `${ELIGIBILITY}/${id}` : ELIGIBILITY, { ...DEVELOPERS, name, ...more });
  expect(answer.statusCode).toBe(303);
  return String(answer.headers.location);
}

/** Where the button of a change's page leads that proposes it again; null where there is none. */
async function again(address: string): Promise<string | null> {
  return (
    /<a class="button button-primary" href="([^"]*)">Edit and propose again</.exec(
      (await ada().get(address)).body,
    )?.[1] ?? null
  );
}

test('a rejected new policy fills the form again, with who rejected it and why', async () => {
  const address = await proposed('Too wide', { note: 'For the night shift.', maxDurationMinutes: '90' });
  expect(await again(address)).toBeNull();
  await bob().post(`${address}/rejection`, { comment: 'Shorter, please.' });
  const form = await again(address);
  expect(form).toBe(`${ELIGIBILITY}/new?change=${address.split('/').at(-1)}`);
  const { body, statusCode } = await ada().get(String(form));
  expect(statusCode).toBe(200);
  expect(wordsOf(body)).toContain('Bob admin rejected: “Shorter, please.”');
  expect(body).toMatch(/name="name"[^>]*value="Too wide"|value="Too wide"[^>]*name="name"/);
  expect(body).toContain('>For the night shift.</textarea>');
  expect(body).toContain('value="90"');
});

test('a withdrawn change of a policy fills the form of the policy as it is now', async () => {
  const made = await proposed('Grows');
  await bob().post(`${made}/confirmation`);
  const { id } = await database().db.prisma.eligibilityPolicy.findFirstOrThrow({ where: { name: 'Grows' } });
  const address = await proposed('Grows', { note: 'Taken back.', version: '1' }, id);
  await ada().post(`${address}/withdrawal`);
  const form = await again(address);
  expect(form).toBe(`${ELIGIBILITY}/${id}/edit?change=${address.split('/').at(-1)}`);
  const { body } = await ada().get(String(form));
  expect(body).toContain('>Taken back.</textarea>');
  expect(body).toContain('name="version" value="1"');
  expect((await ada().get(`${ELIGIBILITY}/${id}/edit`)).body).not.toContain('Taken back.');
});

test('what waits, what is confirmed and what is of another kind or policy fills no form', async () => {
  const address = await proposed('Elsewhere');
  const change = address.split('/').at(-1);
  expect((await ada().get(`${ELIGIBILITY}/new?change=${change}`)).statusCode).toBe(404);
  await bob().post(`${address}/confirmation`);
  expect(await again(address)).toBeNull();
  expect((await ada().get(`${ELIGIBILITY}/new?change=${change}`)).statusCode).toBe(404);
  const declined = await proposed('Declined');
  await bob().post(`${declined}/rejection`, { comment: 'No.' });
  const id = declined.split('/').at(-1);
  expect((await ada().get(`/admin/approval-policies/new?change=${id}`)).statusCode).toBe(404);
  const other = await database().db.prisma.eligibilityPolicy.findFirstOrThrow({ where: { name: 'Elsewhere' } });
  expect((await ada().get(`${ELIGIBILITY}/${other.id}/edit?change=${id}`)).statusCode).toBe(404);
});
