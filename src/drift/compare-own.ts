import { messageOf } from '../platform/errors.ts';
import { mayPass } from './aws-reader.ts';
import { ownSets } from './known-store.ts';
import { compareSets, type Pass } from './pass.ts';
import { type DriftRequest, noteProgress, placeToGoOn } from './requests-store.ts';

/** So many questions in a row without any answer: AWS is away, and the rest would only wait as long. */
const MOST_UNANSWERED = 3;
/** How often it is written down how far it is. */
const PROGRESS_MS = 1_000;

/** What a comparison came to. */
export interface Outcome {
  /** How many findings stand open in what was read. */
  found: number;
  /** What could not be read, in words; null: everything was. */
  error: string | null;
}

/**
 * Compares all that Latchkey gave, account by account, with one question to AWS for each permission set there. What
 * AWS refuses to tell of holds up nothing else, and is counted. Throws where AWS is away; the next one goes on there.
 */
export async function compareOwn(pass: Pass, { id, place: before }: DriftRequest): Promise<Outcome> {
  const { prisma } = pass.platform.db;
  const accounts = await ownSets(prisma);
  const expected = accounts.reduce((sum, { permissionSetArns }) => sum + permissionSetArns.length, 0);
  let place = before ?? (await placeToGoOn(prisma));
  const start = place;
  const failed: string[] = [];
  let [done, found, unanswered, notedAt] = [0, 0, 0, performance.now()];
  let last: unknown;
  const heard = (error: unknown) => {
    unanswered = error !== null && mayPass(error) ? unanswered + 1 : 0;
    if (unanswered >= MOST_UNANSWERED) throw error;
  };
  for (const { accountId, permissionSetArns } of accounts) {
    done += permissionSetArns.length;
    if (start !== null && accountId <= start) continue;
    const read = await compareSets(pass, accountId, permissionSetArns, heard).catch(async (error: unknown) => {
      pass.signal.throwIfAborted();
      await noteProgress(prisma, id, { done: done - permissionSetArns.length, expected, place });
      throw error;
    });
    found += read.open;
    for (const { permissionSetArn, error } of read.failed) {
      failed.push(permissionSetArn);
      last = error;
      pass.platform.log.warn(
        { err: error, accountId, permissionSetArn },
        'a role that Latchkey gives was not compared',
      );
    }
    // Whoever goes on begins with the first that could not be read.
    if (failed.length === 0) place = accountId;
    if (performance.now() - notedAt >= PROGRESS_MS) {
      await noteProgress(prisma, id, { done, expected, place });
      notedAt = performance.now();
    }
  }
  await noteProgress(prisma, id, { done, expected, place });
  if (failed.length === expected && mayPass(last)) throw last;
  if (failed.length === 0) return { found, error: null };
  const roles = expected === 1 ? 'The one role' : `${failed.length} of ${expected} roles in accounts`;
  return { found, error: `${roles} could not be read (${messageOf(last)}). Everything else was compared.` };
}
