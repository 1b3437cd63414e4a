import { notGiving, readGiving } from '../access/index.ts';
import type { User } from '../directory/index.ts';
import type { Person } from '../identity/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import type { Platform } from '../platform/index.ts';
import { formatInZone } from '../platform/time.ts';
import { isEmptyScope, loadPolicies, offers, resolveApprovers } from '../policy/index.ts';
import { readSettings, readTimeZone } from '../settings/index.ts';
import { type AdminTask, adminTasks } from './admin-tasks.ts';
import { cliProfile, consoleLink } from './links.ts';
import { countWaiting, type ListRow, listMine, listMineAlive } from './queries.ts';
import { type StuckRequest, stuckRequests } from './stuck.ts';
import { type PeopleList, peopleList } from './verdict-view.ts';
import { type AccessWindow, windowOfGrant } from './window.ts';

/** What a person can do now. */
export interface Home {
  now: Date;
  anythingOffered: boolean;
  supportContact: string;
  waiting: number;
  access: {
    row: ListRow;
    window: AccessWindow;
    links: { console: string; profile: string } | null;
    /** More time: it can be asked for, or was, and waits. */
    extend: 'ask' | Pick<ListRow, 'requestId' | 'number'> | null;
  }[];
  /** Why access that is to open does not for now; '' where nothing keeps it. */
  notGiving: string;
  pending: { row: ListRow; people: PeopleList }[];
  again: ListRow[];
  /** For administrators: what waits for them. */
  tasks: AdminTask[];
  /** For administrators: what nobody can decide as things stand. */
  stuck: StuckRequest[];
}

export async function homeOf({ config }: Platform, tx: Tx, person: Person): Promise<Home> {
  const { settings } = await readSettings(tx);
  const subject = { userId: person.userId, groupIds: person.groupIds };
  const now = await appNow(tx);
  const alive = await listMineAlive(tx, person.userId);
  const pending: Home['pending'] = [];
  for (const row of alive.filter((each) => each.status === 'pending')) {
    pending.push({ row, people: peopleList(await awaited(tx, row)) });
  }
  const linksOf = (row: ListRow) => ({
    console: consoleLink(config.accessPortalUrl, row),
    profile: cliProfile(config.accessPortalUrl, config.awsRegion, row),
  });
  const timeZone = await readTimeZone(tx, person.userId);
  return {
    now,
    notGiving: notGiving(await readGiving(tx), 'wait', (at) => `${formatInZone(at, timeZone)}, ${timeZone}`),
    anythingOffered: !isEmptyScope(offers(await loadPolicies(tx), subject, settings, now).scope),
    supportContact: settings.supportContact,
    waiting: await countWaiting(tx, subject),
    access: alive
      .filter((row) => row.status !== 'pending')
      .map((row) => ({
        row,
        window: windowOfRow(row),
        links: row.status === 'active' && row.removedOutsideAt === null ? linksOf(row) : null,
        extend: extendOf(row, alive, now),
      })),
    pending,
    tasks: person.personas.has('admin') ? await adminTasks(tx, person.userId) : [],
    stuck: person.personas.has('admin') ? await stuckRequests(tx) : [],
    again: lastOfEach(
      (await listMine(tx, person.userId, { size: 30 })).rows.filter(({ extendsGrantId }) => extendsGrantId === null),
    ).slice(0, 5),
  };
}

function extendOf(row: ListRow, alive: ListRow[], now: Date): Home['access'][number]['extend'] {
  if (row.status !== 'active' || row.removedOutsideAt !== null || row.closesAt === null || row.closesAt <= now)
    return null;
  return alive.find(({ extendsGrantId }) => extendsGrantId === row.grantId) ?? 'ask';
}

/** Who can decide the step that waits. */
async function awaited(tx: Tx, { steps, currentStep, decisions, personId }: ListRow): Promise<User[]> {
  const people = await resolveApprovers(tx, steps.slice(currentStep ?? 0, (currentStep ?? 0) + 1), personId);
  return people.filter(({ id }) => !decisions.some(({ approverId }) => approverId === id));
}

/** The window of a row that has a grant. */
export function windowOfRow(row: ListRow): AccessWindow {
  return windowOfGrant({ ...row, opensAt: row.opensAt ?? row.submittedAt });
}

/** One row for each account and role, the latest. */
function lastOfEach(rows: ListRow[]): ListRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = `${row.accountId} ${row.permissionSetArn}`;
    return !seen.has(key) && seen.add(key);
  });
}
