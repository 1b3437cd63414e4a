import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { AssignmentStore } from '../../src/sandbox/assignments.ts';
import { CallLog } from '../../src/sandbox/call-log.ts';
import { sandboxClock } from '../../src/sandbox/clock.ts';
import { CloudTrailStore } from '../../src/sandbox/cloudtrail-store.ts';
import { noFaults } from '../../src/sandbox/faults.ts';
import type { Organization, SandboxUser } from '../../src/sandbox/organization.ts';
import type { SandboxServices } from '../../src/sandbox/services.ts';
import { openState, type SandboxState } from '../../src/sandbox/state-file.ts';

const user = (id: string, userName: string, displayName: string, more: Partial<SandboxUser> = {}): SandboxUser => {
  const [givenName = '', familyName = ''] = displayName.split(' ');
  const email = `${userName.toLowerCase()}@example.com`;
  return { id, userName, displayName, givenName, familyName, email, status: 'ENABLED', ...more };
};

const account = (id: string, name: string) =>
  ({ id, name, email: `${id}@example.com`, parentId: 'r-1', state: 'ACTIVE' }) as const;

/** Two accounts, two permission sets, three people of whom one is disabled, and one group. */
export function smallOrganization(): Organization {
  return {
    id: 'o-smallcorp1',
    region: 'eu-west-1',
    managementAccountId: '100000000000',
    instanceArn: 'arn:aws:sso:::instance/ssoins-1234567890abcdef',
    identityStoreId: 'd-1234567890',
    root: { id: 'r-1', name: 'Root', children: [] },
    accounts: [account('111111111111', 'Payments production'), account('222222222222', 'Sandbox <b>lab</b>')],
    permissionSets: [
      { arn: 'arn:aws:sso:::permissionSet/a/ps-1', name: 'ReadOnly', description: 'Look', sessionDuration: 'PT1H' },
      { arn: 'arn:aws:sso:::permissionSet/a/ps-2', name: 'Admin', description: 'All', sessionDuration: 'PT1H30M' },
    ],
    users: [
      user('u-1', 'Ana.Ruiz', 'Ana Ruiz'),
      user('u-2', "o'neil&co", 'Sam <O’Neil>'),
      user('u-3', 'gone', 'Gone Person', { status: 'DISABLED' }),
    ],
    groups: [{ id: 'g-1', displayName: 'Operators', description: '' }],
    memberships: new Map([['g-1', new Set(['u-1'])]]),
    standingAssignments: [],
  };
}

/** Some parts of the sandbox on a port of their own, as `index.ts` puts them together. */
export async function startParts<T>(
  register: (app: FastifyInstance, services: SandboxServices) => T,
  state: SandboxState = openState(undefined),
): Promise<{ app: FastifyInstance; services: SandboxServices; url: string; part: T }> {
  const app = Fastify();
  await app.register(formbody);
  await app.register(cookie);
  const faults = noFaults();
  const services: SandboxServices & { url: string } = {
    url: '',
    organization: smallOrganization(),
    assignments: new AssignmentStore([]),
    events: new CloudTrailStore(),
    faults,
    calls: new CallLog(),
    clock: sandboxClock(faults),
    state,
  };
  const part = register(app, services);
  services.url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return { app, services, url: services.url, part };
}

/** The value of the hidden field (or button) of this name on a page. */
export function fieldOn(page: string, name: string): string | undefined {
  const value = new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1];
  return value
    ?.replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&amp;/g, '&');
}

export const form = (fields: Record<string, string>) => ({
  payload: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});
