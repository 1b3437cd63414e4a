import { DescribeOrganizationCommand } from '@aws-sdk/client-organizations';
import { ListInstancesCommand } from '@aws-sdk/client-sso-admin';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { record, systemActor } from '../audit/index.ts';
import { ConfigError } from '../platform/config.ts';
import type { Db, Tx } from '../platform/db.ts';
import { UnavailableError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import type { Availability } from './availability.ts';
import { AwsReadError, callAws, callAwsForAll } from './aws-call.ts';

/** The Identity Center that this database belongs to. */
export interface Instance {
  partition: string;
  /** Where Identity Center has its primary Region: the only one that takes account assignments. */
  region: string;
  instanceArn: string;
  identityStoreId: string;
  managementAccountId: string;
}

const CALL = { priority: 'grant', attempts: 3 } as const;

// The binding never changes once it is there.
const known = new WeakMap<Db, Instance>();

/**
 * Binds the database to the Identity Center instance of the organization at the first start, and compares at every
 * later one. Throws `ConfigError` where AWS shows another instance, identity store, organization or partition than the
 * one bound, or none. While AWS is away the binding that is there is used; without one, throws `UnavailableError`.
 */
export async function bindInstance(platform: Platform): Promise<Instance> {
  let seen: Instance;
  let delegated: boolean;
  try {
    ({ instance: seen, delegated } = await readInstance(platform));
  } catch (error) {
    if (!(error instanceof AwsReadError)) throw error;
    const bound = await readBinding(platform.db);
    if (bound === null) throw error;
    platform.log.warn({ err: error }, 'AWS is away; the Identity Center instance is taken from the database');
    return bound;
  }
  const bound = await platform.db.tx(async (tx) => {
    const { count } = await tx.instanceBinding.createMany({ data: [{ ...seen, delegated }], skipDuplicates: true });
    if (count === 0) return readBinding({ prisma: tx });
    await record(tx, {
      kind: 'instance.bound',
      actor: systemActor('directory'),
      subject: { kind: 'instance', id: seen.instanceArn },
      after: { ...seen },
    });
    return seen;
  });
  if (bound !== null) refuseAnother(bound, seen);
  await noteWhereWeAre(platform, seen, delegated);
  known.set(platform.db, seen);
  return seen;
}

/** The instance that the database is bound to. Throws `UnavailableError` before the first start has bound it. */
export async function boundInstance(platform: Pick<Platform, 'db'>): Promise<Instance> {
  const cached = known.get(platform.db);
  if (cached) return cached;
  const bound = await readBinding(platform.db);
  if (bound === null) {
    throw new UnavailableError(
      'not-bound',
      'Latchkey has not reached IAM Identity Center yet since it was installed. Try again in a minute; if it stays so, an operator finds the reason in the log.',
    );
  }
  known.set(platform.db, bound);
  return bound;
}

/** What can be reached from where Latchkey runs, as the last start saw it; the narrower while none has. */
export async function readAvailability(tx: Tx): Promise<Availability> {
  return (await tx.instanceBinding.findFirst({ select: { delegated: true } })) ?? { delegated: true };
}

/** Latchkey may be moved into the management account, or out of it: what it can reach changes with that. */
async function noteWhereWeAre({ db }: Platform, instance: Instance, delegated: boolean): Promise<void> {
  await db.tx(async (tx) => {
    const { count } = await tx.instanceBinding.updateMany({ where: { delegated: !delegated }, data: { delegated } });
    if (count === 0) return;
    await record(tx, {
      kind: 'instance.moved',
      actor: systemActor('directory'),
      subject: { kind: 'instance', id: instance.instanceArn },
      before: { delegated: !delegated },
      after: { delegated },
    });
  });
}

async function readBinding(db: { prisma: Pick<Db['prisma'], 'instanceBinding'> }): Promise<Instance | null> {
  return db.prisma.instanceBinding.findFirst({
    select: { partition: true, region: true, instanceArn: true, identityStoreId: true, managementAccountId: true },
  });
}

async function readInstance(platform: Platform): Promise<{ instance: Instance; delegated: boolean }> {
  const { aws, config } = platform;
  const organization = await callAws(platform, 'organizations:DescribeOrganization', CALL, (options) =>
    aws.organizations.send(new DescribeOrganizationCommand({}), options),
  );
  const managementAccountId = organization.Organization?.MasterAccountId ?? '';
  const instances = await callAwsForAll(platform, 'sso:ListInstances', CALL, async (NextToken, options) => {
    const page = await aws.ssoAdmin.send(new ListInstancesCommand({ NextToken }), options);
    return { items: page.Instances, next: page.NextToken };
  });
  const caller = await callAws(platform, 'sts:GetCallerIdentity', CALL, (options) =>
    aws.sts.send(new GetCallerIdentityCommand({}), options),
  );
  // Member accounts may have instances of their own, for applications only; assignments need the organization's.
  const instance = instances.find(
    (each) => each.OwnerAccountId === managementAccountId && (each.Status ?? 'ACTIVE') === 'ACTIVE',
  );
  if (!instance?.InstanceArn || !instance.IdentityStoreId) {
    throw new ConfigError([
      `AWS shows no active IAM Identity Center instance of the organization in ${config.awsRegion}. Set AWS_REGION to the Region in which Identity Center is enabled, and use credentials of the management account or of Identity Center's delegated administrator.`,
    ]);
  }
  const region = instance.PrimaryRegion ?? config.awsRegion;
  if (region !== config.awsRegion) {
    throw new ConfigError([
      `Set AWS_REGION to ${region}: that is Identity Center's primary Region, and the only one that takes account assignments.`,
    ]);
  }
  const found = {
    partition: (caller.Arn ?? instance.InstanceArn).split(':')[1] ?? 'aws',
    region,
    instanceArn: instance.InstanceArn,
    identityStoreId: instance.IdentityStoreId,
    managementAccountId,
  };
  return { instance: found, delegated: caller.Account !== managementAccountId };
}

function refuseAnother(bound: Instance, seen: Instance): void {
  const parts = [
    ['Identity Center instance', bound.instanceArn, seen.instanceArn],
    ['identity store', bound.identityStoreId, seen.identityStoreId],
    ['management account', bound.managementAccountId, seen.managementAccountId],
    ['partition', bound.partition, seen.partition],
  ] as const;
  const mistakes = parts
    .filter(([, was, is]) => was !== is)
    .map(
      ([what, was, is]) =>
        `This database belongs to the ${what} ${was}, but the AWS credentials lead to ${is}. Use the credentials that belong to it, or another database.`,
    );
  if (mistakes.length > 0) throw new ConfigError(mistakes);
}
