import { describe, expect, test } from 'vitest';
import { projectFiles } from './files.ts';
import { brokenRules, PURE_FILES } from './import-rules.ts';
import { readImports } from './read-imports.ts';

const SOURCES = projectFiles('src/**/*.ts', /^src\/platform\/generated\//);

test('every import goes in a direction that the architecture allows', () => {
  expect(SOURCES.size).toBeGreaterThan(50);
  expect(brokenRules(SOURCES)).toEqual([]);
});

test('every file that is listed as pure exists', () => {
  expect(PURE_FILES.filter((path) => !SOURCES.has(path))).toEqual([]);
});

test('static imports, dynamic ones, re-exports and types are told apart', () => {
  const source = `
    import type { A } from './a.ts';
    import { type B, C as D } from '../b/index.ts';
    export type * from './t.ts';
    export * from './e.ts';
    import './effect.ts';
    import zod from 'zod';
    // import './comment.ts' and "import('./text.ts')" are none
    const later = async () => await import('./c.ts');
    type T = import('./d.ts').Tx;
    const how = (name: string) => import(name);`;
  expect(
    readImports('src/policy/x.ts', source).map(({ kind, specifier, to, names, line }) => [
      line,
      kind,
      to ?? specifier,
      names,
    ]),
  ).toEqual([
    [2, 'type', 'src/policy/a.ts', ['A']],
    [3, 'static', 'src/b/index.ts', ['B', 'C']],
    [4, 'type', 'src/policy/t.ts', []],
    [5, 'static', 'src/policy/e.ts', []],
    [6, 'static', 'src/policy/effect.ts', []],
    [7, 'static', 'zod', []],
    [9, 'dynamic', 'src/policy/c.ts', []],
    [10, 'type', 'src/policy/d.ts', ['Tx']],
    [11, 'dynamic', '(computed)', []],
  ]);
});

describe('each rule bites', () => {
  const refused: [path: string, source: string, why: RegExp][] = [
    ['src/platform/db.ts', `import { record } from '../audit/index.ts'`, /platform imports nothing of ours/],
    ['src/platform/db.ts', `import type { Person } from '../identity/types.ts'`, /platform imports nothing of ours/],
    ['src/audit/record.ts', `import type { Person } from '../identity/types.ts'`, /audit imports platform only/],
    ['src/notify/outbox.ts', `import { record } from '../audit/index.ts'`, /notify imports platform only/],
    ['src/policy/store.ts', `import { db } from '../../test/support/db.ts'`, /src imports nothing from outside src/],
    ['src/app.ts', `const { startSandbox } = await import('./sandbox/index.ts')`, /only main.ts loads the sandbox/],
    ['src/main.ts', `import { startSandbox } from './sandbox/index.ts'`, /loads the sandbox dynamically/],
    ['src/main.ts', `import { submit } from './request/index.ts'`, /no feature/],
    ['src/serve.ts', `import { submit } from './request/index.ts'`, /no feature/],
    ['src/request/routes.ts', `import { createContext } from '../context.ts'`, /nothing below them imports context.ts/],
    ['src/app.ts', `import { createContext } from './context.ts'`, /nothing below them imports context.ts/],
    ['src/request/judge.ts', `import { loadPolicies } from '../policy/store.ts'`, /through its index.ts/],
    ['src/request/judge.ts', `import type { Compiled } from '../policy/compile.ts'`, /through its index.ts/],
    ['src/request/judge.ts', `import { ROLES } from '../policy/types.ts'`, /for import type/],
    ['src/request/judge.ts', `import { record } from '../audit/record.ts'`, /through its index.ts/],
    ['src/request/judge.ts', `import { policyRoutes } from '../policy/routes.ts'`, /through its index.ts/],
    ['src/app.ts', `import { loadPolicies } from './policy/store.ts'`, /through its index.ts/],
    ['src/sandbox/demo.ts', `import { loadPolicies } from '../policy/store.ts'`, /through its index.ts/],
    ['src/request/machine.ts', `import { appNow } from '../platform/db.ts'`, /types and other pure files only/],
    ['src/request/machine.ts', `import { z } from 'zod'`, /types and other pure files only/],
    ['src/request/machine.ts', `import { readFile } from 'node:fs/promises'`, /types and other pure files only/],
    ['src/settings/plan.ts', '', /list it in PURE_FILES/],
    ['src/request/submit-request.ts', `import { Prisma } from '../platform/db.ts'`, /Prisma's types stop/],
    ['src/request/submit-request.ts', `import type { Prisma as P } from '../platform/db.ts'`, /Prisma's types stop/],
    [
      'src/request/store.ts',
      `import type { Grant } from '../platform/generated/client.ts'`,
      /only platform imports Prisma/,
    ],
    ['src/request/store.ts', `import { PrismaPg } from '@prisma/adapter-pg'`, /only platform imports Prisma/],
    ['src/web/render.ts', `import { guard } from '../identity/index.ts'`, /web imports platform/],
    ['src/web/render.ts', `import { record } from '../audit/index.ts'`, /web imports platform/],
    ['src/request/judge.ts', 'export const load = (name: string) => import(name);', /is written out/],
    ['src/billing/store.ts', '', /in no part/],
  ];
  test.each(refused)('%s may not have: %s', (path, source, why) => {
    const broken = brokenRules(new Map([[path, source]]));
    expect(broken).toHaveLength(1);
    expect(broken[0]).toMatch(why);
    expect(broken[0]).toContain(path);
  });

  const allowed: [path: string, source: string][] = [
    ['src/main.ts', `const { runDemo } = await import('./sandbox/run-demo.ts'); import './platform/config.ts'`],
    ['src/sandbox/run-demo.ts', `import { start } from '../serve.ts'; import { save } from '../policy/index.ts'`],
    ['src/app.ts', `import { routes } from './request/routes.ts'; import type { Context } from './context.ts'`],
    ['src/worker.ts', `import { work } from './directory/jobs.ts'`],
    [
      'src/request/judge.ts',
      `import type { Verdict } from '../policy/types.ts'; import { evaluate } from '../policy/index.ts'`,
    ],
    [
      'src/policy/evaluate.ts',
      `import type { Tx } from '../platform/db.ts'; import { coversPlace } from './compile.ts'`,
    ],
    ['src/request/queries.ts', `import { Prisma } from '../platform/db.ts'`],
    ['src/request/submit-request.ts', `import { appNow, type Tx } from '../platform/db.ts'`],
    [
      'src/web/fastify.ts',
      `import type { Actor } from '../audit/index.ts'; import type { Person } from '../identity/types.ts'`,
    ],
  ];
  test.each(allowed)('%s may have: %s', (path, source) => {
    expect(brokenRules(new Map([[path, source]]))).toEqual([]);
  });
});
