import type { Platform } from '../platform/index.ts';
import { removeExpired } from './store.ts';

/** Removes sessions, started sign-ins and used assertions that are of no use to anyone. For a job every few minutes. */
export async function purgeSignIns({ db }: Pick<Platform, 'db'>): Promise<void> {
  await db.tx((tx) => removeExpired(tx));
}
