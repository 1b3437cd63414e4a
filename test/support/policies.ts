import type { Actor } from '../../src/audit/index.ts';
import type { Platform } from '../../src/platform/index.ts';
import { APPROVAL } from '../../src/policy/change/approval-kind.ts';
import { changePolicy, removePolicy } from '../../src/policy/change/change-policy.ts';
import { ELIGIBILITY } from '../../src/policy/change/eligibility-kind.ts';
import type { AnyPolicy, KindOfPolicy, Seen } from '../../src/policy/change/kind-of-policy.ts';
import type { ApprovalPolicy, EligibilityPolicy, PolicyContent } from '../../src/policy/index.ts';
import type { Stored } from '../../src/policy/store.ts';

/** What most policies of a test say no more than: nothing excluded, no dates, in force. */
export const PLAIN = { exclusions: [], enabled: true, startsAt: null, endsAt: null, ticket: '' };

/** Saves an eligibility policy as its form does, and reads it back. */
export async function saveEligibilityPolicy(
  platform: Platform,
  content: PolicyContent<EligibilityPolicy>,
  actor: Actor,
  seen?: Seen,
): Promise<Stored<EligibilityPolicy>> {
  return save(platform, ELIGIBILITY, content, actor, seen);
}

/** Saves an approval policy as its form does, and reads it back. */
export async function saveApprovalPolicy(
  platform: Platform,
  content: PolicyContent<ApprovalPolicy>,
  actor: Actor,
  seen?: Seen,
): Promise<Stored<ApprovalPolicy>> {
  return save(platform, APPROVAL, content, actor, seen);
}

export async function deleteEligibilityPolicy(platform: Platform, seen: Seen, actor: Actor): Promise<void> {
  await removePolicy(platform, ELIGIBILITY, { seen, ticket: '' }, actor);
}

export async function deleteApprovalPolicy(platform: Platform, seen: Seen, actor: Actor): Promise<void> {
  await removePolicy(platform, APPROVAL, { seen, ticket: '' }, actor);
}

async function save<P extends AnyPolicy>(
  platform: Platform,
  how: KindOfPolicy<P>,
  content: PolicyContent<P> & { name: string; ticket: string },
  actor: Actor,
  seen: Seen | undefined,
): Promise<Stored<P>> {
  const { id, waitsAs } = await changePolicy(platform, how, { content, seen, restoredFrom: null }, actor);
  const saved = id === null || waitsAs !== null ? null : await how.find(platform.db.prisma, id);
  if (saved === null) throw new Error(`${content.name} does not hold: it waits as ${waitsAs}`);
  return saved;
}
