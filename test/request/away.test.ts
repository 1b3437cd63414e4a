import { expect, it } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { textOf } from '../health/parts.ts';
import { activeAccess, DEVELOPMENT, fields, useStage } from './stage.ts';

const shared = useStage();
const SENTENCE = /Identity Center/;

it('A05 directory down: each form comes back with what was typed, says why at its top, and works once AWS is back', async () => {
  const { stage } = shared;
  const { faults } = stage.sandbox;
  const lena = await stage.signIn(DEMO_PEOPLE.requester);
  const priya = await stage.signIn(DEMO_PEOPLE.approver);
  const { id } = await activeAccess(stage, { accountId: DEVELOPMENT, durationMinutes: 60 });
  const waiting = await stage.submit();
  const ask = fields({ justification: 'A long story that took a while to write.' });
  const more = { durationMinutes: '30', comment: 'Another long story to write.', formKey: crypto.randomUUID() };
  const decision = { comment: 'Fine, and well thought over.', version: '1', durationMinutes: '' };
  faults.outageOf = 'identity-store';
  try {
    for (const [client, address, form, typed] of [
      [lena, '/requests', ask, ask.justification!],
      [lena, `/requests/${id}/extension`, more, more.comment],
      [priya, `/requests/${waiting.id}/approval`, decision, decision.comment],
    ] as const) {
      const { body, statusCode } = await client.post(address, form);
      expect(statusCode, address).toBe(503);
      expect(body, address).toContain(`>${typed}</textarea>`);
      const [, summary] = /data-error-summary>(.*?)<\/div>/s.exec(body) ?? [];
      expect(textOf(summary ?? ''), address).toMatch(SENTENCE);
      expect(body, address).not.toContain('to mend');
    }
  } finally {
    faults.outageOf = null;
  }
  expect(await stage.count('requests')).toBe(2);
  expect((await lena.post('/requests', ask)).statusCode).toBe(303);
  expect((await lena.post(`/requests/${id}/extension`, more)).statusCode).toBe(303);
  expect((await priya.post(`/requests/${waiting.id}/approval`, decision)).statusCode).toBe(303);
  expect(await stage.count('requests')).toBe(4);
});
