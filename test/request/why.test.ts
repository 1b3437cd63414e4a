import { expect, it } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import { useStage } from './stage.ts';

const shared = useStage();

it("a request's page leads admins and auditors to why it is allowed, and nobody else", async () => {
  const { signIn, submit } = shared.stage;
  const { id } = await submit({ ticket: 'SECRET-77' });
  for (const who of ['admin', 'auditor'] as const) {
    const client = await signIn(DEMO_PEOPLE[who]);
    const { body } = await client.get(`/requests/${id}`);
    const address =
      /href="(\/admin\/who\?[^"]+)">Why is this allowed\?/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    // Which ticket it is, an admin does not read.
    expect(address).toContain('ticket=given');
    const answer = await client.get(address);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('Allowed, with approval');
    expect(answer.body).toContain('Lena Fischer');
  }
  for (const who of ['requester', 'approver'] as const) {
    const client = await signIn(DEMO_PEOPLE[who]);
    const { statusCode, body } = await client.get(`/requests/${id}`);
    expect(statusCode).toBe(200);
    expect(body).not.toContain('/admin/who');
  }
});
