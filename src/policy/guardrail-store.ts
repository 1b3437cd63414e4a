import type { Prisma, Tx } from '../platform/db.ts';
import type { Author, Stored } from './store.ts';
import type { Guardrail, PolicyContent } from './types.ts';

export async function findGuardrail(tx: Tx, id: string): Promise<Stored<Guardrail> | null> {
  const row = await tx.guardrail.findUnique({ where: { id } });
  return row && toGuardrail(row);
}

export async function listGuardrails(tx: Tx): Promise<Stored<Guardrail>[]> {
  return (await tx.guardrail.findMany()).map(toGuardrail);
}

export async function writeGuardrail(
  tx: Tx,
  which: { id: string | undefined; version: number },
  content: PolicyContent<Guardrail>,
  by: Author,
  now: Date,
): Promise<Stored<Guardrail>> {
  const { id, version } = which;
  const data = { ...content, version, updatedAt: now, updatedById: by.id, updatedByName: by.name };
  const row = id
    ? await tx.guardrail.update({ where: { id }, data })
    : await tx.guardrail.create({ data: { ...data, createdAt: now } });
  return toGuardrail(row);
}

function toGuardrail(row: Prisma.GuardrailGetPayload<object>): Stored<Guardrail> {
  const { createdAt: _, updatedAt, updatedById: __, updatedByName, ...guardrail } = row;
  return { ...guardrail, changed: { at: updatedAt, byName: updatedByName } };
}
