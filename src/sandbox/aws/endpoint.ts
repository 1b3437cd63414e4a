import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type AssignmentWrite, hits } from '../faults.ts';
import { type Caller, readCaller } from './caller.ts';
import { cloudTrail } from './cloudtrail.ts';
import { AwsError, accessDenied, internalFailure, unavailable } from './errors.ts';
import { identityStore } from './identity-store/index.ts';
import { isBroken, repeatPage } from './list-faults.ts';
import type { AwsContext, AwsService, CallContext } from './operation.ts';
import { organizations } from './organizations.ts';
import { type Incoming, jsonProtocol, queryProtocol, readIncoming } from './protocols.ts';
import { RateLimits } from './rate-limits.ts';
import { ssoAdmin } from './sso-admin/index.ts';
import { sts } from './sts.ts';

/** The AWS APIs of the sandbox, all on `POST /` as the SDK calls them when AWS_ENDPOINT_URL is set. */
export function registerAwsEndpoint(app: FastifyInstance, context: AwsContext, callsPerSecond: number): void {
  const services = new Map<string, AwsService>([
    ['SWBExternalService', ssoAdmin(callsPerSecond)],
    ['AWSIdentityStore', identityStore()],
    ['AWSOrganizationsV20161128', organizations()],
    ['CloudTrail_20131101', cloudTrail()],
    ['sts', sts()],
  ]);
  // Without a limit on SSO Admin nothing else is limited either: that is a sandbox for measuring the portal.
  const limits = callsPerSecond === Number.POSITIVE_INFINITY ? undefined : new RateLimits();
  const { clock } = context.services;

  app.register(async (aws) => {
    // Both protocols' bodies are read here as text; the rest of the sandbox keeps its own parsers.
    aws.removeAllContentTypeParsers();
    aws.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

    aws.post('/', async (request, reply) => {
      const requestId = randomUUID();
      const incoming = readIncoming(request.headers, typeof request.body === 'string' ? request.body : '');
      const service = incoming && services.get(incoming.target);
      const protocol = incoming?.target === 'sts' ? queryProtocol : jsonProtocol;
      if (!incoming || !service) {
        return reply.code(404).send({ __type: 'UnknownOperationException', message: 'No such AWS service here' });
      }

      const call = context.services.calls.arrived(service.name, incoming.operation, incoming.input);
      let answer: ReturnType<typeof protocol.success>;
      let outcome = 'ok';
      try {
        const { slowMs } = context.services.faults;
        if (slowMs > 0) await sleep(slowMs);
        const caller = readCaller(request.headers, clock.now());
        const output = await answerCall(service, incoming, { ...context, caller }, limits);
        answer = protocol.success(incoming.operation, output, requestId);
      } catch (error) {
        const awsError = error instanceof AwsError ? error : unexpected(error);
        outcome = awsError.code;
        answer = protocol.failure(awsError, requestId);
      }

      const write = outcome === 'ok' ? writeOf(incoming) : undefined;
      if (write && hits(context.services.faults.loseAnswer, write)) {
        context.services.calls.answered(call, 'answer lost');
        reply.hijack();
        request.raw.socket.destroy();
        return;
      }
      context.services.calls.answered(call, outcome);
      // A wrong clock shows in the Date header too: the SDK corrects its signatures by it.
      return reply
        .code(answer.status)
        .headers({ ...answer.headers, date: clock.now().toUTCString() })
        .send(answer.body);
    });
  });
}

async function answerCall(
  service: AwsService,
  { operation: name, input }: Incoming,
  context: CallContext,
  limits: RateLimits | undefined,
): Promise<object> {
  const { faults } = context.services;
  if (faults.outage || faults.outageOf === service.name) throw unavailable();
  if (Math.random() < faults.serverErrorShare) throw internalFailure();
  const limit = service.limitOf(name, context);
  const within = limit === undefined || limits === undefined || limits.take(`${service.name} ${limit.shared}`, limit);
  if (!within || Math.random() < faults.throttleShare) throw service.throttled();

  const operation = service.operations.get(name);
  if (!operation) throw new AwsError('UnknownOperationException', `The sandbox does not know ${name}`);
  checkPermission(service, context.caller, context);
  if (faults.forbiddenOperations.includes(name))
    throw accessDenied('You are not authorized to perform this operation.');
  const parsed = operation.input.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw service.invalidInput(issue?.path.join('.') ?? '', issue?.message ?? 'Member is not valid');
  }
  if (isBroken(faults, name)) throw internalFailure();
  return repeatPage(operation.run(parsed.data, context), input, faults);
}

/** The organization's APIs answer two accounts only; a role assumed for reading activity may read CloudTrail only. */
function checkPermission({ name }: AwsService, caller: Caller, context: AwsContext): void {
  if (name === 'sts' || name === 'cloudtrail') return;
  const { managementAccountId } = context.services.organization;
  const trusted = [managementAccountId, context.delegatedAdministratorAccountId].includes(caller.accountId);
  if (trusted && caller.session === undefined) return;
  throw accessDenied('You are not authorized to perform this operation.');
}

/** The write behind an accepted create or delete, for faults that hit some writes only. */
function writeOf({ operation, input }: Incoming): AssignmentWrite | undefined {
  if (operation !== 'CreateAccountAssignment' && operation !== 'DeleteAccountAssignment') return undefined;
  return {
    kind: operation === 'CreateAccountAssignment' ? 'create' : 'delete',
    accountId: String(input.TargetId),
    permissionSetArn: String(input.PermissionSetArn),
    principalType: input.PrincipalType === 'GROUP' ? 'GROUP' : 'USER',
    principalId: String(input.PrincipalId),
  };
}

function unexpected(error: unknown): AwsError {
  console.error('The sandbox failed to answer an AWS call:', error);
  return internalFailure();
}
