import { appNow } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import type { DriftReader } from './aws-reader.ts';
import { conclude } from './conclude.ts';
import { concernedSets } from './known-store.ts';

/** What a pass needs. */
export interface Pass {
  platform: Platform;
  reader: DriftReader;
  signal: AbortSignal;
}

/** Compares one permission set in one account. How many findings stand open there; nothing is concluded where AWS does not know either. */
export async function comparePair(
  { platform, reader, signal }: Pass,
  accountId: string,
  permissionSetArn: string,
): Promise<number> {
  signal.throwIfAborted();
  const from = await appNow(platform.db.prisma);
  const listed = await reader.assignmentsOf(accountId, permissionSetArn);
  if (listed === null) return 0;
  const scope = { kind: 'pair', accountId, permissionSetArn } as const;
  return platform.db.tx((tx) => conclude(tx, { scope, from, listed }));
}

/** Compares everything in one account, and notes that it was read. */
export async function compareAccount(
  pass: Pass,
  accountId: string,
  onProgress: (done: number, expected: number) => Promise<void> = async () => {},
): Promise<number> {
  const { db } = pass.platform;
  const from = await appNow(db.prisma);
  const there = await pass.reader.setsIn(accountId);
  const sets = [...new Set([...(there ?? []), ...(await concernedSets(db.prisma, accountId))])].sort();
  let open = 0;
  for (const [index, permissionSetArn] of sets.entries()) {
    await onProgress(index, sets.length);
    open += await comparePair(pass, accountId, permissionSetArn);
  }
  await onProgress(sets.length, sets.length);
  await db.prisma.driftAccount.upsert({
    where: { accountId },
    create: { accountId, readAt: from },
    update: { readAt: from },
  });
  return open;
}

/** Compares everything that one person has, in all accounts. */
export async function compareUser({ platform, reader, signal }: Pass, principalId: string): Promise<number> {
  signal.throwIfAborted();
  const from = await appNow(platform.db.prisma);
  const listed = await reader.assignmentsOfUser(principalId);
  const scope = { kind: 'user', principalId, accountId: null } as const;
  return platform.db.tx((tx) => conclude(tx, { scope, from, listed }));
}
