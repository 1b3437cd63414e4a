import type { Tx } from '../../platform/db.ts';
import { readSettings } from '../../settings/index.ts';
import { loadPolicies } from '../load-store.ts';
import { peopledPrincipals } from '../queries.ts';
import type { Stored } from '../store.ts';
import type { EligibilityPolicy } from '../types.ts';
import { readPlaces } from './read-places.ts';
import { membersCopiedAt, readGuardrailWarnings } from './read-warnings.ts';
import { durationWarning } from './warnings.ts';

/** What to think of twice about eligibility policies of a list, by policy ID. */
export async function eligibilityWarnings(
  tx: Tx,
  policies: readonly Stored<EligibilityPolicy>[],
): Promise<Map<string, string[]>> {
  const known = await loadPolicies(tx);
  const places = known.guardrails.length === 0 ? [] : await readPlaces(tx);
  const peopled = await peopledPrincipals(
    tx,
    policies.flatMap((policy) => policy.principals),
  );
  const { settings } = await readSettings(tx);
  const copiedAt = await membersCopiedAt(tx);
  const found = new Map<string, string[]>();
  for (const policy of policies) {
    if (!policy.enabled) continue;
    const warnings = await readGuardrailWarnings(tx, policy, known, places);
    // Of a group that was named only now nobody is copied yet.
    const isCopied = copiedAt !== null && policy.changed.at < copiedAt;
    if (isCopied && !policy.principals.some((ref) => peopled.has(ref))) {
      warnings.unshift('Nobody can use it: there is no enabled person among those who may ask.');
    }
    const tooShort = durationWarning(policy.maxDurationMinutes, settings);
    if (tooShort !== null) warnings.unshift(tooShort);
    if (warnings.length > 0) found.set(policy.id, warnings);
  }
  return found;
}
