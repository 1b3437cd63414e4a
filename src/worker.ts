import {
  ACCESS_QUEUES,
  countOpenGrants,
  endGrantsOfUser,
  registerAccessJobs,
  startHeartbeat,
  usersWithGrants,
} from './access/index.ts';
import { ACTIVITY_QUEUES, registerActivityJobs } from './activity/index.ts';
import type { Context } from './context.ts';
import { DIRECTORY_QUEUES, membersOf, registerDirectoryJobs, watchUsers } from './directory/index.ts';
import { compareNeglected, DRIFT_QUEUES, registerDriftJobs } from './drift/index.ts';
import { tellOfSilence } from './emergency/index.ts';
import {
  endSessionsOf,
  personaGroups,
  purgeSignIns,
  resolvePersonaGroups,
  usersWithSessions,
} from './identity/index.ts';
import type { QueueDefinition } from './platform/queue.ts';
import { createRecurring, type RecurringTask } from './platform/recurring.ts';
import { groupsNamedInPolicies, POLICIES_CHANGED } from './policy/index.ts';
import {
  groupsOfPendingRequests,
  REQUEST_QUEUES,
  registerRequestJobs,
  rightsMark,
  targetsMark,
  watchRights,
  watchTargets,
} from './request/index.ts';

const HOUSEKEEPING = 'housekeeping';

/** All queues, with how each behaves. */
const QUEUES: QueueDefinition[] = [
  ...ACCESS_QUEUES,
  ...REQUEST_QUEUES,
  ...DIRECTORY_QUEUES,
  ...ACTIVITY_QUEUES,
  ...DRIFT_QUEUES,
  { name: HOUSEKEEPING, policy: 'short', retryLimit: 0 },
];

export interface Worker {
  stop(): Promise<void>;
}

/**
 * Says that the process is there, connects the queue, which every process needs to enqueue, and starts the watchdog
 * of access, which every process runs. With `works`, it also works the queues and sends mail.
 */
export async function startWorker(
  context: Context,
  works: boolean,
  role: 'all' | 'web' | 'worker' = works ? 'all' : 'web',
): Promise<Worker> {
  const { queue, converger, mailer, alarms } = context;
  const recurring = createRecurring(context, recurringTasks(context));
  // Before anything is given: what was seen before a long silence is not believed.
  const heartbeat = await startHeartbeat(context, {
    role,
    onSilence: (tx, silence) => tellOfSilence(context, tx, silence),
  });
  await queue.start(QUEUES);
  if (works) {
    await registerAccessJobs(context, converger);
    await registerRequestJobs(context);
    await registerDriftJobs(context);
    await registerActivityJobs(context, context.instance.partition);
    await registerDirectoryJobs(context, {
      groups: () => neededGroups(context),
      openGrants: countOpenGrants,
      admins: async (tx) => membersOf(tx, (await personaGroups(context, tx)).admin),
      onChanged: async (tx) => void (await queue.send(tx, POLICIES_CHANGED, {})),
    });
    await queue.work(HOUSEKEEPING, {}, () => purgeSignIns(context));
    await queue.schedule(HOUSEKEEPING, '17 * * * *');
    mailer.start();
    recurring.start();
  }
  converger.startWatchdog(QUEUES, works);
  alarms.start();
  context.sweeper.start();
  return {
    async stop() {
      await alarms.stop();
      await context.sweeper.stop();
      await recurring.stop();
      await converger.stop();
      await queue.stop();
      await mailer.stop();
      await heartbeat.stop();
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

/** What is looked after again and again, whatever becomes of the queue. */
export function recurringTasks(context: Context): RecurringTask[] {
  return [
    { name: 'drift', everySeconds: 20, run: (signal) => compareNeglected(context, signal) },
    {
      name: 'watch-users',
      // With the minute that a watch of 100,000 users takes, access ends well within five minutes.
      everySeconds: 150,
      run: (signal) =>
        watchUsers(context, {
          watched: async (tx) => [...new Set([...(await usersWithGrants(tx)), ...(await usersWithSessions(tx))])],
          onGone: (userId, why) => endEverythingOf(context, userId, why),
          signal,
        }),
    },
    {
      name: 'watch-rights',
      everySeconds: 150,
      mark: rightsMark,
      run: (signal) => watchRights(context, signal),
    },
    {
      name: 'watch-targets',
      everySeconds: 300,
      mark: targetsMark,
      run: (signal) => watchTargets(context, signal),
    },
  ];
}

/** Somebody was disabled or deleted at Identity Center: their sessions and their access end. */
async function endEverythingOf(context: Context, userId: string, why: 'user_disabled' | 'user_deleted'): Promise<void> {
  const { db } = context;
  await db.tx((tx) => endSessionsOf(tx, userId, why === 'user_disabled' ? 'user-disabled' : 'user-deleted'));
  await db.tx((tx) => endGrantsOfUser(context, tx, userId, why));
}
