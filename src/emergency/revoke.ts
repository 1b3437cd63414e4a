import type { Actor } from '../audit/index.ts';
import { ConflictError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { beginEmergency, NothingToEnd } from './begin-emergency.ts';
import { changeGiving, GIVING_WORDS } from './change-giving.ts';
import { type Driving, drive } from './drive.ts';
import { type EndPage, endPage } from './pages.ts';
import type { StillGoing } from './queries.ts';
import { type ScopeKind, toBeTyped } from './scope.ts';
import { whyStillGoing } from './still-in-words.ts';
import type { Emergency } from './store.ts';
import { COMMAND_LINE } from './sweep.ts';

export interface Revoke {
  kind: ScopeKind;
  /** The user ID, user name or account ID; '' for all. */
  id: string;
  reason: string;
  alsoStopGiving: boolean;
  /** Null: nobody is asked (`--yes`). Asks for these words; what was typed. */
  confirm: ((words: string) => Promise<string>) | null;
  /** Who called it, as the operating system knows them. */
  osUser: string;
}

/**
 * `latchkey revoke`: ends everything of the scope from the command line. 0: AWS confirmed that all of it is gone;
 * 2: something is left, and was listed; 1: not confirmed, so nothing was changed. Throws `NotFoundError` for a person
 * or account that nobody knows, `InvalidInputError` for a reason that cannot be.
 */
export async function revoke(platform: Platform, input: Revoke, driving: Driving): Promise<0 | 1 | 2> {
  const { say } = driving;
  const actor: Actor = {
    kind: 'system',
    id: COMMAND_LINE,
    name: `An administrator on the command line (${input.osUser})`,
    via: 'cli',
  };
  const page = await endPage(platform.db.prisma, input.kind, input.id);
  for (const line of whatEnds(page)) say(line);
  const { confirmation } = page.scope;
  const typed = input.confirm === null ? confirmation : await input.confirm(toBeTyped(confirmation));
  if (typed.trim() !== confirmation) {
    say(`Not typed: ${toBeTyped(confirmation)}. Nothing was changed.`);
    return 1;
  }
  const emergency = await begin(platform, { ...input, confirmation }, actor, say);
  if (emergency === null) return 0;
  const { done, still } = await drive(platform, emergency, driving);
  if (done) return 0;
  say(
    `Not gone yet: ${still.length}. Any process of the portal goes on with it, and so does this command when it is run again.`,
  );
  for (const each of still) say(`  ${leftInWords(each)}`);
  return 2;
}

/** Null: nothing was there to end. */
async function begin(
  platform: Platform,
  input: Revoke & { confirmation: string },
  actor: Actor,
  say: (line: string) => void,
): Promise<Emergency | null> {
  try {
    const emergency = await beginEmergency(platform, input, actor);
    if (input.alsoStopGiving) say('New access is not given from now on.');
    return emergency;
  } catch (error) {
    if (!(error instanceof NothingToEnd)) throw error;
    if (input.alsoStopGiving) await stopOnly(platform, input.reason, actor, say);
    say(error.emergency ? `${error.message} Going on with that.` : error.message);
    return error.emergency;
  }
}

async function stopOnly(platform: Platform, reason: string, actor: Actor, say: (line: string) => void): Promise<void> {
  try {
    await changeGiving(platform, { to: 'stop', confirmation: GIVING_WORDS.stop, reason }, actor);
    say('New access is not given from now on.');
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    say(error.message);
  }
}

function whatEnds({ what, extent }: EndPage): string[] {
  const { active, activating, scheduled, ending, preexisting, people, accounts, pending } = extent;
  const named = (list: { names: string[]; count: number }) =>
    list.count > list.names.length
      ? `${list.names.join(', ')} and ${list.count - list.names.length} more`
      : list.names.join(', ');
  return [
    `This ends ${what}: ${active} active, ${activating} about to be given, ${scheduled} promised for later; ${ending} ending already.`,
    ...(people.count > 0 ? [`  Of: ${named(people)}`, `  In: ${named(accounts)}`] : []),
    ...(preexisting > 0
      ? [`  ${preexisting} of them through assignments that stood before Latchkey: those stay.`]
      : []),
    ...(pending > 0 ? [`  Requests that wait for a decision, and go on waiting: ${pending}.`] : []),
  ];
}

function leftInWords(each: StillGoing): string {
  const { number, personName, roleName, accountName, accountId, overdue } = each;
  const { why, awsSays } = whyStillGoing(each);
  const whose = `${number === null ? '' : `R-${number}, `}${personName}, ${roleName} in ${accountName} (${accountId})`;
  return [`${whose}: ${overdue ? 'overdue. ' : ''}${why}`, awsSays].join(' ').trim();
}
