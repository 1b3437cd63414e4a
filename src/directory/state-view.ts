import { createHash } from 'node:crypto';
import type { Tx } from '../platform/db.ts';
import { appNow } from '../platform/db.ts';
import { ago, directoryAge, KIND_NAMES, type KindAge } from './age.ts';
import { type NotAvailable, notAvailable } from './availability.ts';
import { accountIndex, permissionSetIndex } from './indexes.ts';
import { readAvailability } from './instance.ts';
import { type CountOpenGrants, type UnreachableSet, unreachableSets } from './management-alarm.ts';
import type { SyncKind } from './runs-store.ts';

/** How one kind of copy stands, in words. */
interface KindView {
  kind: SyncKind;
  name: string;
  /** `running` wins: what went wrong before it is being mended. */
  state: 'running' | 'failed' | 'current' | 'never';
  word: string;
  age: string;
  succeededAt: Date | null;
  rows: string;
  progress: { text: string; done: number; of: number | null } | null;
  /** What went wrong at the last run, in AWS's words; null where nothing did. */
  error: string | null;
}

export interface StateView {
  kinds: KindView[];
  running: boolean;
  unreachable: UnreachableSet[];
  notAvailable: NotAvailable[];
  /** Stands for all of this: another one means that a page shows something old. */
  version: string;
}

const WORDS = { running: 'Being copied', failed: 'Failed', current: 'Copied', never: 'Never copied' } as const;

/** The directory as administrators see it, while it is copied too. */
export async function readState(tx: Tx, openGrants: CountOpenGrants): Promise<StateView> {
  const now = await appNow(tx);
  const kinds = (await directoryAge(tx)).kinds.map((age) => viewOf(age, now));
  const { accounts } = await accountIndex(tx);
  const { permissionSets } = await permissionSetIndex(tx);
  const state = {
    kinds,
    running: kinds.some((each) => each.state === 'running'),
    unreachable: await unreachableSets(tx, openGrants),
    notAvailable: notAvailable(accounts, permissionSets, await readAvailability(tx)),
  };
  return { ...state, version: createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 16) };
}

function viewOf(age: KindAge, now: Date): KindView {
  const { kind, succeededAt, error, runningSince, rowCount } = age;
  const settled = error !== null ? 'failed' : succeededAt === null ? 'never' : 'current';
  const state = runningSince !== null ? 'running' : settled;
  const name = KIND_NAMES[kind];
  return {
    kind,
    name: name.charAt(0).toUpperCase() + name.slice(1),
    state,
    word: WORDS[state],
    age: succeededAt === null ? 'never' : ago(succeededAt.getTime(), now),
    succeededAt,
    rows: rowCount === null ? '–' : rowCount.toLocaleString('en'),
    progress: state === 'running' ? progressOf(age) : null,
    error,
  };
}

function progressOf({ kind, progress, expected }: KindAge): KindView['progress'] {
  const done = progress ?? 0;
  // Members are read group by group: how many there will be nobody knows.
  const what = kind === 'memberships' ? 'groups read' : 'read';
  const of = expected === null || expected === 0 ? '' : ` of ${expected.toLocaleString('en')}`;
  return { text: `${done.toLocaleString('en')}${of} ${what}`, done, of: of === '' ? null : expected };
}
