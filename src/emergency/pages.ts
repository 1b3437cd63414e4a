import { type GivingStop, readGiving } from '../access/index.ts';
import type { Tx } from '../platform/db.ts';
import type { FieldErrors } from '../platform/errors.ts';
import { readWhoPickers } from '../policy/index.ts';
import type { Combobox, Submitted } from '../web/index.ts';
import { GIVING_WORDS } from './change-giving.ts';
import type { PageQuery } from './input.ts';
import { type Extent, type Progress, readExtent, readProgress, type StillGoing } from './queries.ts';
import { resolveScope } from './resolve-scope.ts';
import { EVERYTHING, type Scope, type ScopeKind, scopeInWords, toBeTyped } from './scope.ts';
import { whyStillGoing } from './still-in-words.ts';
import { type Emergency, emergencyUnderWay, listEmergencies, readEmergency } from './store.ts';
import { EMERGENCY_PAGE } from './tell.ts';

const LISTED = 20;

/** One that still goes, with why, for people. */
type Row = StillGoing & { why: string; awsSays: string };

/** An emergency with how far it is. */
export interface EmergencyView extends Emergency {
  what: string;
  progress: Omit<Progress, 'still'> & { still: Row[] };
}

export interface Wrong {
  errors: FieldErrors;
  sent: Submitted;
}

export interface OverviewPage {
  stop: GivingStop | null;
  words: typeof GIVING_WORDS;
  pickers: { person: Combobox; account: Combobox };
  past: EmergencyView[];
  errors: FieldErrors;
  sent: Submitted;
}

/** How giving stands, what can be ended, and what was. */
export async function overviewPage(tx: Tx, query: PageQuery, wrong: Wrong | null = null): Promise<OverviewPage> {
  const stop = await readGiving(tx);
  const [person, account] = await readWhoPickers(tx, { ...query, role: '', roleQuery: '' });
  if (!person || !account) throw new Error('there is no picker for people or accounts');
  const past: EmergencyView[] = [];
  for (const emergency of await listEmergencies(tx, LISTED)) past.push(await viewOf(tx, emergency, 0));
  return {
    stop,
    words: GIVING_WORDS,
    pickers: {
      person: asPicker(person, 'Choose a person', 'Also somebody who is disabled.'),
      account: asPicker(account, 'Choose an account', ''),
    },
    past,
    errors: wrong?.errors ?? {},
    sent: wrong?.sent ?? {},
  };
}

function asPicker(combobox: Combobox, placeholder: string, hint: string): Combobox {
  return { ...combobox, placeholder, hint, required: true, search: { ...combobox.search, address: EMERGENCY_PAGE } };
}

export interface EndPage {
  scope: Scope;
  what: string;
  /** What has to be typed, as it stands in a sentence. */
  toBeTyped: string;
  extent: Extent;
  total: number;
  underWay: Emergency | null;
  stopped: boolean;
  errors: FieldErrors;
  sent: Submitted;
  alsoStopGiving: boolean;
}

/** What would end, and what has to be typed for it. Throws `NotFoundError`. */
export async function endPage(tx: Tx, kind: ScopeKind, id: string, wrong: Wrong | null = null): Promise<EndPage> {
  const scope = kind === 'all' ? EVERYTHING : await resolveScope(tx, kind, id);
  const extent = await readExtent(tx, scope);
  return {
    scope,
    what: scopeInWords(scope),
    toBeTyped: toBeTyped(scope.confirmation),
    extent,
    total: extent.active + extent.activating + extent.scheduled,
    underWay: await emergencyUnderWay(tx, scope),
    stopped: (await readGiving(tx))?.cause === 'stopped',
    errors: wrong?.errors ?? {},
    sent: wrong?.sent ?? {},
    alsoStopGiving: wrong ? wrong.sent.stopGiving !== undefined : kind === 'all',
  };
}

/** One emergency, with what of it is still going; null where there is none. */
export async function emergencyPage(tx: Tx, id: string): Promise<(EmergencyView & { version: string }) | null> {
  const emergency = await readEmergency(tx, id);
  if (emergency === null) return null;
  const view = await viewOf(tx, emergency, 100);
  const { still, ...counts } = view.progress;
  const errors = still.map((each) => [
    each.grantId,
    each.status,
    each.why,
    each.awsSays,
    each.overdue,
    each.nextTryAt?.getTime(),
  ]);
  return { ...view, version: versionOf(JSON.stringify([counts, errors])) };
}

async function viewOf(tx: Tx, emergency: Emergency, limit: number): Promise<EmergencyView> {
  const what = scopeInWords({ kind: emergency.scope, name: emergency.scopeName });
  const progress = await readProgress(tx, emergency, limit);
  const still = progress.still.map((each) => ({ ...each, ...whyStillGoing(each) }));
  return { ...emergency, what, progress: { ...progress, still } };
}

/** A short mark of what is shown. */
function versionOf(text: string): string {
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0).toString(36);
}
