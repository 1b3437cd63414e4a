import { z } from 'zod';
import {
  type Account,
  accountIndex,
  directoryAge,
  findUser,
  groupIdsOf,
  type PermissionSet,
  type PersonNow,
  permissionSetIndex,
  type User,
} from '../../directory/index.ts';
import { appNow, type Tx } from '../../platform/db.ts';
import { formatInZone } from '../../platform/time.ts';
import { readSettings, readTimeZone } from '../../settings/index.ts';
import { createCursor, PAGE_SIZE } from '../../web/index.ts';
import { groupsNamedInPolicies } from '../approvers.ts';
import { readNames } from '../names.ts';
import { readWhoAnswer, type Situation } from './answer.ts';
import { WHO, type WhoQuery, whoAddress } from './input.ts';
import { readAccountOffers, readPersonOffers } from './offers.ts';
import { readWhoPickers } from './pickers.ts';
import { readWhoTakers } from './takers.ts';

const cursors = createCursor(z.int().min(0).max(1_000_000));
/** An account of the list holds its roles too. */
const ACCOUNTS_A_PAGE = 25;

/** What was asked about, as the copy has it. */
interface Chosen {
  user: User | null;
  account: Account | null;
  role: PermissionSet | null;
}

/** What has just been read from Identity Center of the person; 'gone' where they no longer exist. */
export type Live = PersonNow | 'gone' | null;

/** The page "Who can get what", as `views/policy/who` shows it. */
export async function readWhoPage(
  tx: Tx,
  query: WhoQuery,
  reader: { userId: string; mayEdit: boolean; baseUrl: URL },
  live: Live = null,
) {
  const chosen = await readChosen(tx, query, live);
  const unknown = unknownOf(query, chosen, live);
  const { settings } = await readSettings(tx);
  const timeZone = await readTimeZone(tx, reader.userId);
  const situation: Situation = {
    limits: settings,
    now: await appNow(tx),
    formatDate: (at) => `${formatInZone(at, timeZone)} (${timeZone})`,
  };
  const isLive = live !== null && live !== 'gone';
  const copied = chosen.user ? await groupIdsOf(tx, chosen.user.id) : [];
  return {
    action: WHO,
    pickers: await readWhoPickers(tx, query),
    query,
    address: whoAddress(query),
    shared: new URL(whoAddress(query), reader.baseUrl).href,
    mayEdit: reader.mayEdit,
    chosen,
    unknown,
    asked: query.person + query.account + query.role !== '',
    checked: isLive ? { differences: await differences(tx, copied, live.groupIds) } : null,
    age: await directoryAge(tx),
    result: unknown.length > 0 ? null : await readResult(tx, query, chosen, isLive ? live.groupIds : copied, situation),
  };
}

async function readResult(tx: Tx, query: WhoQuery, chosen: Chosen, groupIds: string[], situation: Situation) {
  const { user, account, role } = chosen;
  const { limits, now } = situation;
  const from = cursors.decode(query.cursor) ?? 0;
  const paginated = (total: number, size: number, things: string) => ({
    address: whoAddress(query),
    cursor: from > 0 ? query.cursor : null,
    next: from + size < total ? cursors.encode(from + size) : null,
    shown: `${total.toLocaleString('en')} ${things}${total === 1 ? '' : 's'}`,
  });
  if (user === null) {
    if (account === null && role === null) return null;
    const takers = await readWhoTakers(tx, { account, role }, situation, { from, size: PAGE_SIZE });
    const people = takers.total === 1 ? 'person' : 'people';
    const pagination = {
      ...paginated(takers.total, PAGE_SIZE, ''),
      shown: `${takers.total.toLocaleString('en')} ${people}`,
    };
    return { kind: 'takers' as const, takers, pagination };
  }
  if (account !== null && role !== null) {
    const answer = await readWhoAnswer(tx, { user, groupIds, account, role }, query, situation);
    return { kind: 'answer' as const, answer };
  }
  const subject = { userId: user.id, groupIds };
  const asked = { subject, limits, now, permissionSetArn: role?.arn ?? null };
  if (account !== null) return { kind: 'account' as const, offers: await readAccountOffers(tx, asked, account) };
  const offers = await readPersonOffers(tx, asked, { from, size: ACCOUNTS_A_PAGE });
  return { kind: 'person' as const, offers, pagination: paginated(offers.total, ACCOUNTS_A_PAGE, 'account') };
}

async function readChosen(tx: Tx, query: WhoQuery, live: Live): Promise<Chosen> {
  const user = query.person === '' ? null : await findUser(tx, query.person);
  return {
    user: live === null || live === 'gone' ? user : live.user,
    account: query.account === '' ? null : ((await accountIndex(tx)).byId.get(query.account) ?? null),
    role: query.role === '' ? null : ((await permissionSetIndex(tx)).byArn.get(query.role) ?? null),
  };
}

function unknownOf(query: WhoQuery, { user, account, role }: Chosen, live: Live): string[] {
  return [
    query.person !== '' && user === null && 'The directory’s copy has no such person. Choose another one.',
    live === 'gone' && 'Identity Center no longer has this person: nobody can give them anything.',
    query.account !== '' && account === null && 'The directory’s copy has no such account. Choose another one.',
    query.role !== '' && role === null && 'The directory’s copy has no such role. Choose another one.',
  ].filter((each) => each !== false);
}

/** Where Identity Center and the copy differ, of the groups that matter for policies. */
async function differences(tx: Tx, copied: string[], live: string[]): Promise<string[]> {
  const matters = new Set(await groupsNamedInPolicies(tx));
  const [before, now] = [new Set(copied), new Set(live)];
  const joined = live.filter((id) => matters.has(id) && !before.has(id));
  const left = copied.filter((id) => matters.has(id) && !now.has(id));
  const names = await readNames(
    tx,
    [...joined, ...left].map((id) => `GROUP:${id}`),
  );
  const nameOf = (id: string) => names.of(`GROUP:${id}`).name;
  return [...joined.map((id) => `in ${nameOf(id)} now`), ...left.map((id) => `no longer in ${nameOf(id)}`)];
}
