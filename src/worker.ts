import {
  ACCESS_QUEUES,
  countOpenGrants,
  endGrantsOfUser,
  registerAccessJobs,
  usersWithGrants,
} from './access/index.ts';
import { ACTIVITY_QUEUES, registerActivityJobs } from './activity/index.ts';
import type { Context } from './context.ts';
import { DIRECTORY_QUEUES, membersOf, registerDirectoryJobs } from './directory/index.ts';
import {
  endSessionsOf,
  personaGroups,
  purgeSignIns,
  resolvePersonaGroups,
  usersWithSessions,
} from './identity/index.ts';
import type { QueueDefinition } from './platform/queue.ts';
import { groupsNamedInPolicies, POLICIES_CHANGED } from './policy/index.ts';
import { groupsOfPendingRequests, REQUEST_QUEUES, registerRequestJobs } from './request/index.ts';

const HOUSEKEEPING = 'housekeeping';

/** All queues, with how each behaves. */
const QUEUES: QueueDefinition[] = [
  ...ACCESS_QUEUES,
  ...REQUEST_QUEUES,
  ...DIRECTORY_QUEUES,
  ...ACTIVITY_QUEUES,
  { name: HOUSEKEEPING, policy: 'short', retryLimit: 0 },
];

export interface Worker {
  stop(): Promise<void>;
}

/**
 * Connects the queue, which every process needs to enqueue, and starts the watchdog of access, which every process
 * runs. With `works`, it also works the queues and sends mail.
 */
export async function startWorker(context: Context, works: boolean): Promise<Worker> {
  const { queue, converger, mailer } = context;
  await queue.start(QUEUES);
  if (works) {
    await registerAccessJobs(context, converger);
    await registerRequestJobs(context);
    await registerActivityJobs(context, context.instance.partition);
    await registerDirectoryJobs(context, {
      groups: () => neededGroups(context),
      watched: async (tx) => [...new Set([...(await usersWithGrants(tx)), ...(await usersWithSessions(tx))])],
      onGone: (userId, why) => endEverythingOf(context, userId, why),
      openGrants: countOpenGrants,
      admins: async (tx) => membersOf(tx, (await personaGroups(context, tx)).admin),
      onChanged: async (tx) => void (await queue.send(tx, POLICIES_CHANGED, {})),
    });
    await queue.work(HOUSEKEEPING, {}, () => purgeSignIns(context));
    await queue.schedule(HOUSEKEEPING, '17 * * * *');
    mailer.start();
  }
  converger.startWatchdog(QUEUES);
  return {
    async stop() {
      await converger.stop();
      await queue.stop();
      await mailer.stop();
    },
  };
}

/**
 * The groups whose members have to be known: those that policies name, those that decide what is pending, and those
 * that make administrators and auditors.
 */
export async function neededGroups(context: Context): Promise<string[]> {
  await resolvePersonaGroups(context);
  const { prisma } = context.db;
  const { admin, auditor } = await personaGroups(context, prisma);
  const [named, deciding] = await Promise.all([groupsNamedInPolicies(prisma), groupsOfPendingRequests(prisma)]);
  return [...new Set([...named, ...deciding, ...admin, ...auditor])];
}

/** Somebody was disabled or deleted at Identity Center: their access and their sessions end. */
async function endEverythingOf(context: Context, userId: string, why: 'user_disabled' | 'user_deleted'): Promise<void> {
  await context.db.tx(async (tx) => {
    await endGrantsOfUser(context, tx, userId, why);
    await endSessionsOf(tx, userId, why === 'user_disabled' ? 'user-disabled' : 'user-deleted');
  });
}
