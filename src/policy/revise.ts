import {
  byName,
  type CompiledApproval,
  type CompiledEligibility,
  type CompiledGuardrail,
  type CompiledParts,
  type Policies,
} from './compile.ts';

type Compiled = CompiledEligibility | CompiledApproval | CompiledGuardrail;

/** The policies with some taken out and others put in: the same as to index them all anew, at the cost of what changes. */
export function revise(before: Policies, gone: ReadonlySet<Compiled>, come: CompiledParts): Policies {
  const eligibility = revised(before.eligibility, gone, come.eligibility);
  const approval = revised(before.approval, gone, come.approval);
  const left = before.eligibility.filter((each) => gone.has(each));
  const leftApproval = before.approval.filter((each) => gone.has(each));
  return {
    eligibility,
    approval,
    guardrails: revised(before.guardrails, gone, come.guardrails),
    byPrincipal: reindexed(before.byPrincipal, left, come.eligibility, (each) => each.policy.principals),
    byPermissionSet: reindexed(before.byPermissionSet, left, come.eligibility, (each) => each.policy.permissionSets),
    byApprovalTarget: reindexed(before.byApprovalTarget, leftApproval, come.approval, (each) => each.policy.targets),
  };
}

function revised<C extends Compiled>(list: readonly C[], gone: ReadonlySet<Compiled>, come: readonly C[]): C[] {
  if (gone.size === 0 && come.length === 0) return [...list];
  return [...list.filter((each) => !gone.has(each)), ...come].sort((a, b) => byName(a.policy, b.policy));
}

function reindexed<C extends Compiled>(
  index: ReadonlyMap<string, C[]>,
  gone: readonly C[],
  come: readonly C[],
  keysOf: (each: C) => string[],
): ReadonlyMap<string, C[]> {
  if (gone.length === 0 && come.length === 0) return index;
  const changed = new Map(index);
  for (const each of gone) {
    for (const key of keysOf(each)) {
      const rest = changed.get(key)?.filter((other) => other !== each) ?? [];
      if (rest.length > 0) changed.set(key, rest);
      else changed.delete(key);
    }
  }
  for (const each of come) {
    for (const key of new Set(keysOf(each))) {
      changed.set(key, revised(changed.get(key) ?? [], new Set(), [each]));
    }
  }
  return changed;
}
