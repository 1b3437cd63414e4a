import { expect, test } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { createTestPortal, type TestPortal } from '../support/portal.ts';

const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');

const page = async (portal: TestPortal, who: keyof typeof DEMO_PEOPLE = 'admin') => {
  const answer = await (await portal.signIn(DEMO_PEOPLE[who])).get('/admin/health');
  expect(answer.statusCode).toBe(200);
  return answer.body;
};

test('where nothing is overdue, one line says so, and what was never done says never', async () => {
  await using portal = await createTestPortal();
  const text = textOf(await page(portal));
  console.log(text);
  console.log(await portal.context.metrics.metrics());
  expect(text).toContain('No access is overdue.');
});
