import { workRolling } from '../../src/drift/index.ts';
import { createBudget } from '../../src/platform/budget.ts';
import { AT_ONCE } from '../drift/rig.ts';
import type { PageCase, Stage } from './page-cases.ts';

const done = new WeakMap<Stage, Promise<unknown>>();

/** The same page once all accounts were compared with AWS, so that there is drift to be seen. */
export function compared(page: PageCase): PageCase {
  return {
    ...page,
    async open(browserPage, stage) {
      const { context } = stage.portal;
      const budget = createBudget(context.db, {}, { rate: 100_000, burst: 100_000 });
      const run = done.get(stage) ?? workRolling({ ...context, budget }, new AbortController().signal, AT_ONCE);
      done.set(stage, run);
      await run;
      return page.open(browserPage, stage);
    },
  };
}
