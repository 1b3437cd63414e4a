import { COMPUTED, type Import, readImports } from './read-imports.ts';

/**
 * Files without I/O, clock or database: `now` is an argument. They import types, each other, and the few pure
 * files of the platform. A file that gets one of these names in a feature belongs on this list.
 */
export const PURE_FILES = [
  'src/access/evidence.ts',
  'src/access/extendable.ts',
  'src/access/fail-grants.ts',
  'src/access/learn.ts',
  'src/access/plan.ts',
  'src/access/problem.ts',
  'src/access/settle.ts',
  'src/access/tuple.ts',
  'src/access/turn.ts',
  'src/access/ways.ts',
  'src/activity/match.ts',
  'src/drift/causes.ts',
  'src/drift/compare.ts',
  'src/directory/account-search.ts',
  'src/directory/availability.ts',
  'src/directory/tree-order.ts',
  'src/emergency/scope.ts',
  'src/policy/approval.ts',
  'src/policy/approver-scope.ts',
  'src/policy/compile.ts',
  'src/policy/form/conflict.ts',
  'src/policy/change/difference.ts',
  'src/policy/form/duplicates.ts',
  'src/policy/evaluate.ts',
  'src/policy/explain.ts',
  'src/policy/form/field-values.ts',
  'src/policy/guard.ts',
  'src/policy/impact/approvable.ts',
  'src/policy/impact/cells.ts',
  'src/policy/impact/change.ts',
  'src/policy/impact/classes.ts',
  'src/policy/impact/effects.ts',
  'src/policy/impact/paths.ts',
  'src/policy/impact/people.ts',
  'src/policy/impact/requests.ts',
  'src/policy/impact/steps-left.ts',
  'src/policy/impact/tally.ts',
  'src/policy/impact/words.ts',
  'src/policy/impact/impact.ts',
  'src/policy/in-words.ts',
  'src/policy/form/moments.ts',
  'src/policy/offers.ts',
  'src/policy/reasons.ts',
  'src/policy/revise.ts',
  'src/policy/scope.ts',
  'src/policy/terms.ts',
  'src/policy/form/steps.ts',
  'src/policy/form/stuck-people.ts',
  'src/policy/form/unfulfillable.ts',
  'src/policy/form/warnings.ts',
  'src/request/access-notes.ts',
  'src/request/machine.ts',
  'src/request/number.ts',
  'src/request/reroute.ts',
  'src/request/reroute-steps.ts',
  'src/request/status.ts',
  'src/request/window.ts',
];
const PURE_NAMES = /^src\/(?!sandbox\/)[\w-]+\/(evaluate|machine|plan|match|chain|status|window|offers|compile)\.ts$/;
/** Formatting and error classes: no I/O either, so pure files may use them. */
const PURE_PLATFORM = ['src/platform/time.ts', 'src/platform/errors.ts'];

/** Where Prisma's own types and its `Prisma` helper may be: stores, queries, and these. */
const QUERY_FILES = /\/([\w-]+-)?(store|queries|sql)(-[\w-]+)?\.ts$/;
const MORE_QUERY_FILES = ['src/audit/record.ts', 'src/notify/outbox.ts', 'src/directory/search.ts'];

const FEATURES = [
  'identity',
  'directory',
  'policy',
  'request',
  'access',
  'activity',
  'settings',
  'drift',
  'emergency',
  'health',
];
/** What every feature may use and which use no feature. */
const SERVICES = ['audit', 'notify'];
/** The files at the top, which put the parts together. */
const TOP = ['main', 'serve', 'revoke', 'restored', 'app', 'worker', 'context'];
const PARTS = ['platform', 'web', 'sandbox', ...SERVICES, ...FEATURES];
/** What the files at the top may take from a feature: its face, its pages, its jobs. */
const EDGES = /\/(index|routes|jobs|[\w-]+-(routes|jobs)|queues)\.ts$/;

/** Every import of `sources` (path from the project's root → text) that goes where it may not, as one sentence each. */
export function brokenRules(sources: ReadonlyMap<string, string>): string[] {
  const broken: string[] = [];
  for (const [path, source] of sources) {
    if (partOf(path) === null) {
      broken.push(`${path}: is in no part that test/project/import-rules.ts knows; say there what it may import`);
      continue;
    }
    if (PURE_NAMES.test(path) && !PURE_FILES.includes(path)) {
      broken.push(`${path}: a file of this name is pure; list it in PURE_FILES, or call it something else`);
    }
    for (const each of readImports(path, source)) {
      for (const rule of RULES) {
        const why = rule(each);
        if (why !== null) broken.push(`${path}:${each.line} imports ${each.specifier}: ${why}`);
      }
    }
  }
  return broken;
}

type Rule = (each: Import) => string | null;

const computed: Rule = ({ specifier, from }) =>
  specifier === COMPUTED && partOf(from) !== 'sandbox' ? 'the name of an imported module is written out' : null;

const stayInSrc: Rule = ({ to }) =>
  to !== null && !to.startsWith('src/') ? 'src imports nothing from outside src, tests least of all' : null;

const platform: Rule = ({ from, to }) =>
  partOf(from) === 'platform' && to !== null && partOf(to) !== 'platform' ? 'platform imports nothing of ours' : null;

const services: Rule = ({ from, to }) => {
  const part = partOf(from);
  if (to === null || part === null || !SERVICES.includes(part)) return null;
  return [part, 'platform'].includes(partOf(to) ?? '') ? null : `${part} imports platform only, and no feature`;
};

const web: Rule = ({ from, to, kind }) => {
  if (partOf(from) !== 'web' || to === null || ['web', 'platform'].includes(partOf(to) ?? '')) return null;
  const ofTypes = kind === 'type' && ['src/identity/types.ts', 'src/audit/index.ts'].includes(to);
  return ofTypes ? null : 'web imports platform, and of ours only the types of identity and audit';
};

const sandbox: Rule = ({ from, to, kind }) => {
  if (partOf(to) !== 'sandbox' || partOf(from) === 'sandbox') return null;
  if (from !== 'src/main.ts') return 'only main.ts loads the sandbox';
  return kind === 'static' ? 'main.ts loads the sandbox dynamically, so that production can do without it' : null;
};

const top: Rule = ({ from, to, kind }) => {
  const part = partOf(to);
  if (to === null || part === null || !TOP.includes(part)) return null;
  const importer = partOf(from) ?? '';
  if (['main', 'serve', 'revoke', 'sandbox'].includes(importer)) return null;
  if (['app', 'worker'].includes(importer) && part === 'context' && kind === 'type') return null;
  return `only main.ts, serve.ts, its other commands and the demo put the portal together; nothing below them imports ${part}.ts`;
};

const main: Rule = ({ from, to }) => {
  const importer = partOf(from) ?? '';
  const part = partOf(to);
  if (!['main', 'serve'].includes(importer) || part === null) return null;
  return [...TOP, 'platform', 'sandbox'].includes(part)
    ? null
    : `${importer}.ts imports app, worker, context and platform, no feature`;
};

const throughTheFace: Rule = ({ from, to, kind }) => {
  const part = partOf(to);
  const importer = partOf(from) ?? '';
  if (to === null || part === null || part === importer || ![...FEATURES, ...SERVICES].includes(part)) return null;
  if (to === `src/${part}/index.ts`) return null;
  if (to === `src/${part}/types.ts`) return kind === 'type' ? null : 'types.ts of another feature is for import type';
  if (['app', 'worker', 'context'].includes(importer) && EDGES.test(to)) return null;
  return `another feature is imported through its index.ts (src/${part}/index.ts)`;
};

const pure: Rule = ({ from, to, kind }) => {
  if (!PURE_FILES.includes(from) || kind === 'type') return null;
  return to !== null && [...PURE_FILES, ...PURE_PLATFORM].includes(to)
    ? null
    : 'a pure file imports types and other pure files only';
};

const prisma: Rule = ({ from, to, names, specifier }) => {
  if (partOf(from) === 'platform') return null;
  if (specifier.startsWith('@prisma/') || to?.startsWith('src/platform/generated/')) {
    return 'only platform imports Prisma itself';
  }
  const mayQuery = QUERY_FILES.test(from) || MORE_QUERY_FILES.includes(from);
  return to === 'src/platform/db.ts' && names.includes('Prisma') && !mayQuery
    ? "Prisma's types stop at the feature's store.ts and queries.ts"
    : null;
};

const RULES: Rule[] = [computed, stayInSrc, platform, services, web, sandbox, top, main, throughTheFace, pure, prisma];

/** `src/policy/store.ts` is of `policy`, `src/app.ts` of `app`; null for what no rule knows. */
function partOf(path: string | null): string | null {
  const [, name = '', isFile] = /^src\/([\w-]+)(\.ts$|\/)/.exec(path ?? '') ?? [];
  return (isFile === '.ts' ? TOP : PARTS).includes(name) ? name : null;
}
