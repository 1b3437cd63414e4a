import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { assignmentSchema } from './assignments.ts';
import { noFaults } from './faults.ts';
import { applyFaults, faultsInput, shownFaults } from './faults-input.ts';
import { changeAccount, changeMembers, changeUser, deletePermissionSet } from './organization-changes.ts';
import type { SandboxServices } from './services.ts';

const assignmentsInput = z.object({
  add: z.array(assignmentSchema).default([]),
  remove: z.array(assignmentSchema).default([]),
});
const userInput = z.object({ status: z.enum(['ENABLED', 'DISABLED', 'DELETED']) });
const accountInput = z.object({
  state: z.enum(['PENDING_ACTIVATION', 'ACTIVE', 'SUSPENDED', 'PENDING_CLOSURE', 'CLOSED', 'LEFT']),
});
const membersInput = z.object({ add: z.array(z.string()).default([]), remove: z.array(z.string()).default([]) });
const permissionSetInput = z.object({ delete: z.string() });

/** What a test or an operator in another process uses to look at the sandbox and to disturb it. */
export function registerControlRoutes(app: FastifyInstance, services: SandboxServices): void {
  const { organization, assignments, faults, events, calls } = services;

  app.get('/sandbox/state', async () => ({
    organization: {
      id: organization.id,
      region: organization.region,
      instanceArn: organization.instanceArn,
      identityStoreId: organization.identityStoreId,
      managementAccountId: organization.managementAccountId,
      accounts: organization.accounts.length,
      permissionSets: organization.permissionSets.length,
      users: organization.users.length,
      groups: organization.groups.length,
    },
    assignments: assignments.list(),
    events: events.list().length,
    calls: Object.fromEntries(calls.totals()),
    faults: shownFaults(faults),
  }));

  // Faults that are not named stay as they are; {"reset": true} ends them all first.
  app.post('/sandbox/faults', async (request, reply) => {
    const input = faultsInput.safeParse(request.body ?? {});
    if (!input.success) return reply.code(422).send({ error: z.prettifyError(input.error) });
    if (input.data.reset) Object.assign(faults, noFaults());
    applyFaults(faults, input.data);
    return shownFaults(faults);
  });

  // What an administrator does in the console, past the portal.
  app.post('/sandbox/assignments', async (request, reply) => {
    const input = assignmentsInput.safeParse(request.body);
    if (!input.success) return reply.code(422).send({ error: z.prettifyError(input.error) });
    const added = input.data.add.filter((assignment) => assignments.add(assignment));
    const removed = input.data.remove.filter((assignment) => assignments.remove(assignment));
    return { added, removed };
  });

  app.post<{ Params: { id: string } }>('/sandbox/users/:id', async (request, reply) => {
    const input = userInput.safeParse(request.body);
    if (!input.success) return reply.code(422).send({ error: z.prettifyError(input.error) });
    const user = organization.users.find(({ id }) => id === request.params.id);
    if (user && changeUser(services, user.id, input.data.status)) return user;
    return reply.code(404).send({ error: 'No such user' });
  });

  app.post<{ Params: { id: string } }>('/sandbox/accounts/:id', async (request, reply) => {
    const input = accountInput.safeParse(request.body);
    if (!input.success) return reply.code(422).send({ error: z.prettifyError(input.error) });
    if (changeAccount(services, request.params.id, input.data.state)) return input.data;
    return reply.code(404).send({ error: 'No such account' });
  });

  app.post('/sandbox/permission-sets', async (request, reply) => {
    const input = permissionSetInput.safeParse(request.body);
    if (!input.success) return reply.code(422).send({ error: z.prettifyError(input.error) });
    if (deletePermissionSet(services, input.data.delete)) return input.data;
    return reply.code(404).send({ error: 'No such permission set' });
  });

  app.post<{ Params: { id: string } }>('/sandbox/groups/:id/members', async (request, reply) => {
    const input = membersInput.safeParse(request.body);
    if (!input.success) return reply.code(422).send({ error: z.prettifyError(input.error) });
    const members = changeMembers(services, request.params.id, input.data);
    return members ? { members } : reply.code(404).send({ error: 'No such group' });
  });
}
