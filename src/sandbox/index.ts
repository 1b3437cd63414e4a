import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import fastify from 'fastify';
import { AssignmentStore } from './assignments.ts';
import { registerAwsEndpoint } from './aws/endpoint.ts';
import { AssignmentWrites } from './aws/sso-admin/assignment-writes.ts';
import { ACTIVITY_ROLE } from './aws/sts.ts';
import { CallLog } from './call-log.ts';
import { sandboxClock } from './clock.ts';
import { CloudTrailStore } from './cloudtrail-store.ts';
import { registerControlRoutes } from './control-routes.ts';
import { awsEnvironment, delegatedAdministrator, portalEnvironment } from './environment.ts';
import { type Faults, noFaults } from './faults.ts';
import { type IdentityProvider, registerIdentityProvider } from './idp/index.ts';
import { type Mailbox, startMailbox } from './mailbox/index.ts';
import type { Organization } from './organization.ts';
import { registerFaultsPage } from './pages/faults/index.ts';
import { registerStartPage } from './pages/index.ts';
import type { FeaturedPerson } from './pages/people.ts';
import { type ConsoleSessions, registerAccessPortal } from './portal/index.ts';
import type { SandboxServices } from './services.ts';
import { openState } from './state-file.ts';

export interface SandboxOptions {
  organization: Organization;
  /** 0 or absent: any free one. */
  port?: number;
  /** Where HTTP and SMTP listen; 127.0.0.1 unless told otherwise. */
  host?: string;
  /** Where browsers reach the sandbox, if that is not where it listens. */
  publicUrl?: string;
  /** 0 or absent: any free one. */
  smtpPort?: number;
  /** How long creates and deletes stay IN_PROGRESS; two seconds unless told otherwise. */
  delayMs?: number;
  /** A JSON file in which assignments, mail, events and the identity provider's keys survive a restart. */
  stateFile?: string;
  /** The limit on SSO Admin calls, 20 unless told otherwise; `Infinity` lifts every limit on the rate of calls. */
  callsPerSecond?: number;
  /** How many creates may be under way at once; 15 unless told otherwise. */
  outstandingCreates?: number;
  /** Names of the roles that the portal may assume in every account. */
  assumableRoles?: string[];
  /** People whom the pages offer first when they ask who signs in. */
  featuredPeople?: readonly FeaturedPerson[];
}

/** A running sandbox. */
export interface Sandbox extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  url: string;
  /** What a portal's environment needs to work against this sandbox: the AWS SDK's variables and the portal's own. */
  environment: Record<string, string>;
  /** Live and mutable: a user who is disabled here is disabled at once. */
  organization: Organization;
  assignments: AssignmentStore;
  faults: Faults;
  calls: CallLog;
  events: CloudTrailStore;
  identityProvider: IdentityProvider;
  mailbox: Mailbox;
  sessions: ConsoleSessions;
  close(): Promise<void>;
}

/** Starts a local stand-in for Identity Center and everything around it. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { organization, host = '127.0.0.1', featuredPeople: featured = [] } = options;
  let publicUrl = options.publicUrl?.replace(/\/+$/, '') ?? '';
  const services = createServices(options, () => publicUrl);
  const writes = new AssignmentWrites(services, options.delayMs ?? 2_000);
  const delegatedAdministratorAccountId = delegatedAdministrator(organization);

  const app = fastify({ bodyLimit: 1024 * 1024, forceCloseConnections: true });
  app.addHook('onClose', async () => {
    writes.stop();
    await services.state.flush();
  });
  await app.register(formbody);
  await app.register(cookie);

  // What the sandbox consists of.
  const aws = {
    services,
    writes,
    delegatedAdministratorAccountId,
    outstandingCreates: options.outstandingCreates ?? 15,
    assumableRoles: options.assumableRoles ?? [ACTIVITY_ROLE],
  };
  registerAwsEndpoint(app, aws, options.callsPerSecond ?? 20);
  registerControlRoutes(app, services);
  registerStartPage(app, services);
  const identityProvider = registerIdentityProvider(app, services, featured);
  registerFaultsPage(app, services, {
    portalUrl: () => identityProvider.application?.startUrl ?? identityProvider.application?.acsUrl ?? null,
  });
  const hasApplication = () => identityProvider.application !== null;
  const sessions = registerAccessPortal(app, services, { featured, hasApplication });
  const mailbox = await startMailbox(app, services, { host, port: options.smtpPort ?? 0 });

  let url: string;
  try {
    url = await app.listen({ host, port: options.port ?? 0 });
  } catch (error) {
    // The mailbox listens already: without this a taken port would leave it behind.
    await app.close();
    throw error;
  }
  // To browsers 127.0.0.1 and localhost are different sites, and the portal of a demo is at localhost.
  if (publicUrl === '') publicUrl = url.replace('//127.0.0.1:', '//localhost:');

  return {
    url,
    environment: {
      ...awsEnvironment(url, organization.region, delegatedAdministratorAccountId),
      ...portalEnvironment(publicUrl, mailbox.smtpUrl),
    },
    organization,
    assignments: services.assignments,
    faults: services.faults,
    calls: services.calls,
    events: services.events,
    identityProvider,
    mailbox,
    sessions,
    close: () => app.close(),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

function createServices({ organization, stateFile }: SandboxOptions, publicUrl: () => string): SandboxServices {
  const state = openState(stateFile);
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
  return {
    get url() {
      return publicUrl();
    },
    organization,
    assignments,
    events,
    faults,
    calls: new CallLog(),
    clock: sandboxClock(faults),
    state,
  };
}
