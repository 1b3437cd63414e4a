import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import fastify, { type FastifyInstance } from 'fastify';
import { AssignmentStore } from './assignments.ts';
import { accessKeyOf } from './aws/caller.ts';
import { registerAwsEndpoint } from './aws/endpoint.ts';
import { AssignmentWrites } from './aws/sso-admin/assignment-writes.ts';
import { ACTIVITY_ROLE } from './aws/sts.ts';
import { CallLog } from './call-log.ts';
import { sandboxClock } from './clock.ts';
import { CloudTrailStore } from './cloudtrail-store.ts';
import { registerControlRoutes } from './control-routes.ts';
import { type Faults, noFaults } from './faults.ts';
import type { Organization } from './organization.ts';
import type { SandboxServices } from './services.ts';
import { openState } from './state-file.ts';

export interface SandboxOptions {
  organization: Organization;
  /** 0 or absent: any free one. */
  port?: number;
  /** 127.0.0.1 unless told otherwise. */
  host?: string;
  /** How long creates and deletes stay IN_PROGRESS; two seconds unless told otherwise. */
  delayMs?: number;
  /** A JSON file in which assignments, mail and events survive a restart. */
  stateFile?: string;
  /** The limit on SSO Admin calls, 20 unless told otherwise; `Infinity` lifts every limit on the rate of calls. */
  callsPerSecond?: number;
  /** How many creates may be under way at once; 15 unless told otherwise. */
  outstandingCreates?: number;
  /** Names of the roles that the portal may assume in every account. */
  assumableRoles?: string[];
}

/** A running sandbox. */
export interface Sandbox extends AsyncDisposable {
  url: string;
  /** What a portal's environment needs to work against this sandbox: the AWS SDK's variables and the portal's own. */
  environment: Record<string, string>;
  /** Live and mutable: a user who is disabled here is disabled at once. */
  organization: Organization;
  assignments: AssignmentStore;
  faults: Faults;
  calls: CallLog;
  events: CloudTrailStore;
  close(): Promise<void>;
}

/** What a part of the sandbox adds to the portal's environment, and how it is ended. */
interface Part {
  environment?: Record<string, string>;
  close?(): Promise<void>;
}

/** Everything that the sandbox consists of besides the AWS APIs. The URL in the services is known from here on only. */
const parts: ((app: FastifyInstance, services: SandboxServices) => Promise<Part> | Part)[] = [
  (app, services) => {
    registerControlRoutes(app, services);
    return {};
  },
];

/** Starts a local stand-in for Identity Center and everything around it. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { organization } = options;
  const state = openState(options.stateFile);
  const faults = noFaults();
  const changed = () => state.changed();
  const assignments = AssignmentStore.restored(
    state.keep('assignments', () => assignments.snapshot()),
    organization.standingAssignments,
    changed,
  );
  const events: CloudTrailStore = new CloudTrailStore(
    state.keep('events', () => events.snapshot()),
    changed,
  );
  let url = '';
  const services: SandboxServices = {
    get url() {
      return url;
    },
    organization,
    assignments,
    events,
    faults,
    calls: new CallLog(),
    clock: sandboxClock(faults),
    state,
  };

  const app = fastify({ bodyLimit: 1024 * 1024, forceCloseConnections: true });
  await app.register(formbody);
  await app.register(cookie);
  const delegatedAdministratorAccountId = delegatedAdministrator(organization);
  const writes = new AssignmentWrites(services, options.delayMs ?? 2_000);
  registerAwsEndpoint(
    app,
    {
      services,
      writes,
      outstandingCreates: options.outstandingCreates ?? 15,
      delegatedAdministratorAccountId,
      assumableRoles: options.assumableRoles ?? [ACTIVITY_ROLE],
    },
    options.callsPerSecond ?? 20,
  );
  const started: Part[] = [];
  for (const part of parts) started.push(await part(app, services));
  url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 });

  const close = async () => {
    writes.stop();
    await app.close();
    for (const part of started) await part.close?.();
    await state.flush();
  };
  return {
    url,
    environment: Object.assign(
      awsEnvironment(url, organization.region, delegatedAdministratorAccountId),
      ...started.map(({ environment }) => environment),
    ),
    organization,
    assignments,
    faults,
    calls: services.calls,
    events,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The environment with which the AWS SDK reaches the sandbox, with the credentials of this account. */
export function awsEnvironment(url: string, region: string, accountId: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyOf(accountId),
    AWS_SECRET_ACCESS_KEY: 'sandbox',
  };
}

/** The named member account, or the first one: some account other than the management account runs the portal. */
function delegatedAdministrator(organization: Organization): string {
  const { accounts, delegatedAdministratorAccountId, managementAccountId } = organization;
  const member = accounts.find(({ id, state }) => id !== managementAccountId && state === 'ACTIVE');
  return delegatedAdministratorAccountId ?? member?.id ?? managementAccountId;
}
