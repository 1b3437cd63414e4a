import { z } from 'zod';

/**
 * What `policy_versions` and `policy_changes` keep of a policy. Each field that came later has the value that the
 * policies before it had, so that every version ever kept can be read and restored.
 */
const about = { name: z.string(), note: z.string().default(''), ticket: z.string().default('') };
const refs = z.array(z.string());
const time = z
  .string()
  .nullable()
  .default(null)
  .transform((text) => (text === null ? null : new Date(text)));
const whereAndWhen = {
  targets: refs,
  exclusions: refs.default([]),
  includeNestedOus: z.boolean(),
  enabled: z.boolean().default(true),
  startsAt: time,
  endsAt: time,
};

export const EligibilityDocument = z.object({
  ...about,
  ...whereAndWhen,
  principals: refs,
  permissionSets: refs,
  maxDurationMinutes: z.int(),
  approvalRequired: z.boolean(),
  ticketRequired: z.boolean(),
});

export const ApprovalDocument = z.object({
  ...about,
  ...whereAndWhen,
  permissionSets: refs,
  requesterGroups: refs,
  broaderMayDecide: z.boolean(),
  steps: z.array(z.object({ approvers: refs, approvalsNeeded: z.int() })),
});

export const GuardrailDocument = z.object({
  ...about,
  permissionSets: refs,
  targets: refs,
  neverSelfServed: z.boolean(),
  maxDurationMinutes: z.int().nullable(),
});

const Restored = z.object({ restoredFrom: z.object({ policyId: z.uuid(), version: z.int() }) });

/** Which older version a kept one brought back; null where it brought back none. */
export function restoredFromOf(document: unknown): { policyId: string; version: number } | null {
  const read = Restored.safeParse(document);
  return read.success ? read.data.restoredFrom : null;
}
