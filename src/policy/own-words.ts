import { findPermissionSets } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Policies } from './compile.ts';
import { explain } from './explain.ts';
import { allowance, hintsInWords, inWords } from './in-words.ts';
import { readNames } from './names.ts';
import { offers } from './offers.ts';
import type { Ask, PolicyLimits, Subject } from './types.ts';

export interface OwnWords {
  /** 'You may use PowerUser here for up to 2 hours without approval, …'; empty where they may not ask for it at all. */
  sentence: string;
  /** What may help who may not ask for it: other roles here, a date. */
  hints: string[];
}

/** What the policies say of one role in one account, in words for the person who asks. From the same evaluation as the verdict. */
export async function readOwnWords(
  tx: Tx,
  subject: Subject,
  ask: Ask,
  roleName: string,
  by: { policies: Policies; limits: PolicyLimits; now: Date; formatDate: (at: Date) => string },
): Promise<OwnWords> {
  const role = roleName || 'this role';
  const { policies, limits, now, formatDate } = by;
  const allowed = allowance(policies, subject, ask, limits, now);
  if (allowed.longestMinutes > 0) {
    const names = await readNames(
      tx,
      allowed.steps.flatMap((step) => step.approvers),
    );
    const nameOf = (ref: string) => (names.of(ref).known ? names.of(ref).name : null);
    return { sentence: inWords(allowed, role, nameOf), hints: [] };
  }
  const here = offers(policies, subject, limits, now)
    .rolesIn(ask)
    .filter((each) => each.permissionSetArn !== ask.permissionSetArn && each.longestMinutes > 0);
  const roles = await findPermissionSets(
    tx,
    here.map((each) => each.permissionSetArn),
  );
  const names = roles.map((each) => each.name);
  return { sentence: '', hints: hintsInWords(explain(policies, subject, ask, limits, now), role, names, formatDate) };
}
