import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { IdentitystoreClient } from '@aws-sdk/client-identitystore';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SSOAdminClient } from '@aws-sdk/client-sso-admin';
import { STSClient } from '@aws-sdk/client-sts';

/** The AWS SDK's clients as they are: standard credentials, standard AWS_ENDPOINT_URL variables. */
export interface Aws {
  ssoAdmin: SSOAdminClient;
  identityStore: IdentitystoreClient;
  organizations: OrganizationsClient;
  sts: STSClient;
  /** Called after each call of any client with what came of it: 'ok', or the name of AWS's error. */
  onCall(listener: CallListener): void;
  /** CloudTrail in another Region or account, with the given credentials. The caller destroys it. */
  cloudTrail(region: string, credentials?: CloudTrailCredentials): CloudTrailClient;
  destroy(): void;
}

/** `service` as the SDK names it ('SSOAdmin'), `operation` as AWS does. */
export type CallListener = (call: { service: string; operation: string; outcome: string }) => void;

export interface CloudTrailCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Every call is over by then, one way or the other: shorter than any lease of ours. */
export const CALL_DEADLINE_MS = 10_000;

/**
 * Retrying is decided here, where the budget and the priorities are known, not by the SDK: `maxAttempts` is 1.
 * `where` is for several portals in one process; otherwise the SDK's own environment variables say it.
 */
export function createAws(region: string, where: { endpoint?: string; credentials?: CloudTrailCredentials } = {}): Aws {
  const listeners: CallListener[] = [];
  const options = {
    ...where,
    region,
    maxAttempts: 1,
    logger: loggerOf((call) => {
      for (const listener of listeners) listener(call);
    }),
    // Without `throwOnRequestTimeout` the SDK only logs that a request took too long, and goes on waiting.
    requestHandler: { connectionTimeout: 3_000, requestTimeout: CALL_DEADLINE_MS, throwOnRequestTimeout: true },
  };
  const ssoAdmin = new SSOAdminClient(options);
  const identityStore = new IdentitystoreClient(options);
  // Organizations is global; in the commercial partition its endpoint is in us-east-1, which the SDK knows by itself.
  const organizations = new OrganizationsClient(options);
  const sts = new STSClient(options);
  return {
    ssoAdmin,
    identityStore,
    organizations,
    sts,
    cloudTrail: (inRegion, credentials) =>
      new CloudTrailClient({ ...options, region: inRegion, ...(credentials ? { credentials } : {}) }),
    onCall: (listener) => void listeners.push(listener),
    destroy() {
      for (const client of [ssoAdmin, identityStore, organizations, sts]) client.destroy();
    },
  };
}

/** The SDK tells its logger of each call, once, when it is over (its loggerMiddleware). Nothing else of it is kept. */
function loggerOf(heard: CallListener) {
  const over = (told: unknown) => {
    if (typeof told !== 'object' || told === null || !('clientName' in told && 'commandName' in told)) return;
    const error = 'error' in told ? told.error : null;
    const outcome = error instanceof Error ? error.name : 'ok';
    heard({
      service: String(told.clientName).replace(/Client$/, ''),
      operation: String(told.commandName).replace(/Command$/, ''),
      outcome,
    });
  };
  const nothing = () => {};
  return { info: over, error: over, warn: nothing, debug: nothing, trace: nothing };
}
