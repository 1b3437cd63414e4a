import { appNow } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { type DriftReader, mayPass } from './aws-reader.ts';
import { conclude, type Listing } from './conclude.ts';
import { concernedSets, type DriftTuple } from './known-store.ts';

/** What a pass needs. */
export interface Pass {
  platform: Platform;
  reader: DriftReader;
  signal: AbortSignal;
}

/**
 * Compares everything in one account, and notes that it was read. How many findings stand open there. Throws what AWS
 * refused to tell of a permission set, after the others were compared: then the account does not count as read.
 */
export async function compareAccount(
  pass: Pass,
  accountId: string,
  onProgress: (done: number, expected: number) => Promise<void> = async () => {},
): Promise<number> {
  const { platform, reader } = pass;
  const { prisma } = platform.db;
  const from = await appNow(prisma);
  const there = await reader.setsIn(accountId);
  const sets = [...new Set([...(there ?? []), ...(await concernedSets(prisma, accountId))])].sort();
  let done = 0;
  await onProgress(done, sets.length);
  const { open, failed } = await compareSets(pass, accountId, sets, async (error) => {
    // Where AWS is away, it tells of no other either.
    if (mayPass(error)) throw error;
    done += 1;
    await onProgress(done, sets.length);
  });
  const [first] = failed;
  if (first) throw first.error;
  await prisma.driftAccount.upsert({
    where: { accountId },
    create: { accountId, readAt: from },
    update: { readAt: from },
  });
  return open;
}

/** What is known of what Latchkey gave in one account. */
interface OwnRead {
  /** How many findings stand open there. */
  open: number;
  /** The permission sets that AWS did not tell of, and what it said instead. */
  failed: { permissionSetArn: string; error: unknown }[];
}

/**
 * Compares these permission sets in one account, whoever has them there; what AWS does not tell holds up nothing else.
 * `heard` is told of each answer, null, and of each failure; what it throws ends the comparison.
 */
export async function compareSets(
  { platform, reader, signal }: Pass,
  accountId: string,
  permissionSetArns: string[],
  heard: (error: unknown) => void | Promise<void>,
): Promise<OwnRead> {
  const from = await appNow(platform.db.prisma);
  const failed: OwnRead['failed'] = [];
  const read: Listing = { scope: { kind: 'account', accountId, permissionSetArns: [] }, from, listed: [] };
  for (const permissionSetArn of permissionSetArns) {
    signal.throwIfAborted();
    try {
      add(read, permissionSetArn, await reader.assignmentsOf(accountId, permissionSetArn));
      await heard(null);
    } catch (error) {
      signal.throwIfAborted();
      failed.push({ permissionSetArn, error });
      await heard(error);
    }
  }
  return { open: await platform.db.tx((tx) => conclude(tx, read)), failed };
}

/** Nothing is concluded where AWS does not know the account or the permission set either. */
function add({ scope, listed }: Listing, permissionSetArn: string, answer: DriftTuple[] | null): void {
  if (answer === null || scope.kind !== 'account') return;
  scope.permissionSetArns.push(permissionSetArn);
  listed.push(...answer);
}

/** Compares everything that one person has, in all accounts. */
export async function compareUser({ platform, reader, signal }: Pass, principalId: string): Promise<number> {
  signal.throwIfAborted();
  const from = await appNow(platform.db.prisma);
  const listed = await reader.assignmentsOfUser(principalId);
  const scope = { kind: 'user', principalId, accountId: null } as const;
  return platform.db.tx((tx) => conclude(tx, { scope, from, listed }));
}
