import type { Registry } from 'prom-client';
import type { Aws } from './aws.ts';
import type { Budget } from './budget.ts';
import type { Config } from './config.ts';
import type { Db } from './db.ts';
import type { Log } from './log.ts';
import type { Queue } from './queue.ts';

/** What every feature may need of the machine below it. Features take it as their first argument. */
export interface Platform {
  config: Config;
  log: Log;
  db: Db;
  queue: Queue;
  aws: Aws;
  budget: Budget;
  metrics: Registry;
}
