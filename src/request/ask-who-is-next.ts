import type { Tx } from '../platform/db.ts';
import { resolveSteps } from '../policy/index.ts';
import { currentStep } from './machine.ts';
import { askStep } from './mails.ts';
import type { AccessRequest } from './types.ts';

/** Asks by mail whoever can decide the step that waits now, as the directory's copy has them; each once a step. */
export async function askWhoIsNext(tx: Tx, request: AccessRequest): Promise<void> {
  const people = await resolveSteps(tx, request.steps, request.requesterId);
  await askStep(tx, request, people[currentStep(request)] ?? []);
}
