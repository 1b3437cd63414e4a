import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findAccount, findUser, readAvailability } from '../directory/index.ts';
import { AppError, ConflictError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readSettings } from '../settings/index.ts';
import { readForm, sendIfChanged, submitted } from '../web/index.ts';
import { askComparison, type Wish } from './ask-comparison.ts';
import { decideFinding } from './decide-finding.ts';
import { AT_ONCE, choicesOf, DONE, decisionForm } from './decision-form.ts';
import { DRIFT, PICKERS, type Picker, readChoices, readDriftState, readFindings, readPickers } from './page.ts';
import { accountsOfPerson, listFindings } from './page-queries.ts';
import { reopenFailed } from './reopen-failed.ts';

const readers: ('admin' | 'auditor')[] = ['admin', 'auditor'];
const reading = { config: { access: readers } };
const choosing = { config: { access: readers, changesNothing: true } };
const admin = { config: { access: 'admin' as const } };
const line = z
  .string()
  .overwrite((text) => text.replaceAll('\0', '').trim())
  .max(200)
  .catch('');
const Choices = z.object({ accountId: line, userId: line, accountIdQuery: line, userIdQuery: line });

interface Result {
  ok: boolean;
  text: string;
}

/** More of the page than the list: what was typed, what is wrong with it, and what came of it. */
interface More {
  errors?: Record<string, string>;
  pickerErrors?: Partial<Record<Picker, string>>;
  typed?: Record<string, string | string[]>;
  results?: Result[];
}

/** Where AWS has something else than Latchkey knows of. Administrators decide; auditors read. */
export async function driftRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  const { db } = platform;

  app.get(DRIFT, reading, async (request, reply) => {
    await reopenFailed(platform);
    return show(request, reply, {});
  });

  app.get(`${DRIFT}/state`, reading, async (request, reply) => {
    const state = await readDriftState(db.prisma);
    return sendIfChanged(request, reply, state.version, () =>
      reply.partial('drift/_state', { state, mayDecide: may(request) }),
    );
  });

  app.get(`${DRIFT}/pickers/:field`, reading, async (request, reply) => {
    const { field } = z.object({ field: z.enum(PICKERS) }).parse(request.params);
    const { q } = z.object({ q: line }).parse(request.query);
    return reply.partial('shared/_combobox-options', { combobox: await readChoices(db.prisma, field, q, '') });
  });

  // Without scripts: the same page with what the search found.
  app.post(`${DRIFT}/choices`, choosing, async (request, reply) =>
    show(request, reply, { typed: submitted(request.body) }),
  );

  app.post(`${DRIFT}/comparisons`, admin, async (request, reply) => {
    const typed = submitted(request.body);
    const { accountId, userId } = Choices.parse(typed);
    const wish = await readWish(typed, accountId, userId);
    if (wish === null) {
      const field: Picker = 'userId' in typed ? 'userId' : 'accountId';
      const sentence = field === 'userId' ? 'Choose a person from the list.' : 'Choose an account from the list.';
      return show(request, reply.code(422), {
        typed,
        pickerErrors: { [field]: sentence },
        errors: { [field]: sentence },
      });
    }
    const wishes = wish.scope === 'user' ? await insteadOfPerson(wish) : [wish];
    if (wishes.length === 0) {
      const sentence =
        'AWS tells what one person has to the management account only, and Latchkey runs outside of it. It knows of no account in which this person had anything: compare accounts instead.';
      return show(request, reply.code(422), {
        typed,
        pickerErrors: { userId: sentence },
        errors: { userId: sentence },
      });
    }
    await db.tx(async (tx) => {
      for (const each of wishes) await askComparison(platform, tx, each, request.actor());
    });
    return reply.seeOther(`${DRIFT}#drift-state`);
  });

  app.post(`${DRIFT}/decisions`, admin, async (request, reply) => {
    const { settings } = await readSettings(db.prisma);
    const form = readForm(decisionForm(settings.maxDurationMinutes), request.body);
    if (!form.ok) return show(request, reply.code(422), { errors: form.errors, typed: form.submitted });
    const { verdict, reason, chosen, durationMinutes, confirmed } = form.values;
    if (verdict === 'remove' && confirmed === undefined) return askAgain(reply, chosen, reason);
    const results: (Result & { conflict: boolean })[] = [];
    for (const { findingId, seenAs } of choicesOf(chosen)) {
      const name = await nameOf(findingId);
      try {
        await decideFinding(platform, { findingId, seenAs, verdict, reason, durationMinutes }, request.actor());
        results.push({ ok: true, conflict: false, text: `${name}: ${DONE[verdict]}` });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        results.push({ ok: false, conflict: error instanceof ConflictError, text: `${name}: ${error.message}` });
      }
    }
    if (results.every(({ conflict }) => conflict)) reply.code(409);
    return show(request, reply, { results });
  });

  /** Each finding by name, and what removing does, before anything is done. */
  async function askAgain(reply: FastifyReply, chosen: string[], reason: string) {
    const rows = await rowsOf(choicesOf(chosen).map(({ findingId }) => findingId));
    const going = rows.filter(({ openUntil, kind }) => openUntil !== null && kind !== 'removed' && kind !== 'missing');
    return reply.page('shared/confirm', {
      title: rows.length === 1 ? 'Remove an assignment' : `Remove ${rows.length} assignments`,
      question: `Latchkey takes ${rows.length === 1 ? 'this' : 'each of these'} away at AWS now. People who use it lose it; nothing brings it back by itself.`,
      ...(going.length > 0
        ? {
            text: 'Where a grant of Latchkey gives the same access, it goes on until the end of that grant, and is taken away then.',
          }
        : {}),
      details: [
        ...rows.map((row): [string, string] => [
          row.personName,
          `${row.roleName} in ${row.accountName} (${row.accountId})`,
        ]),
        ['Reason', reason],
      ],
      action: `${DRIFT}/decisions`,
      hidden: { chosen: chosen.join(','), verdict: 'remove', reason, confirmed: 'yes' },
      button: rows.length === 1 ? 'Remove' : `Remove ${rows.length}`,
      back: DRIFT,
    });
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { errors, pickerErrors, typed = {}, results }: More,
  ) {
    const { accountId, userId, accountIdQuery, userIdQuery } = Choices.parse(typed);
    const address = request.method === 'GET' ? request.url : DRIFT;
    const list = await readFindings(db.prisma, request.method === 'GET' ? request.query : {}, address);
    return reply.page('drift/index', {
      list,
      state: await readDriftState(db.prisma),
      pickers: await readPickers(
        db.prisma,
        { accountId, userId },
        { accountId: accountIdQuery, userId: userIdQuery },
        pickerErrors,
      ),
      mayDecide: may(request),
      atOnce: AT_ONCE,
      errors: errors ?? {},
      results: results ?? null,
      typed: {
        reason: typed.reason ?? '',
        durationMinutes: typed.durationMinutes ?? '',
        chosen: [typed.chosen ?? list.chosen].flat(),
      },
    });
  }

  async function readWish(typed: Record<string, unknown>, accountId: string, userId: string): Promise<Wish | null> {
    if (typed.scope === 'own') return { scope: 'own', scopeId: null };
    if (accountId !== '') return (await findAccount(db.prisma, accountId)) && { scope: 'account', scopeId: accountId };
    if (userId !== '') return (await findUser(db.prisma, userId)) && { scope: 'user', scopeId: userId };
    return null;
  }

  /** Where AWS does not tell what one person has: the accounts in which they are known to have something. */
  async function insteadOfPerson(wish: Wish & { scope: 'user' }): Promise<Wish[]> {
    if (!(await readAvailability(db.prisma)).delegated) return [wish];
    const accounts = await accountsOfPerson(db.prisma, wish.scopeId);
    return accounts.map(({ id }) => ({ scope: 'account', scopeId: id }));
  }

  async function rowsOf(ids: string[]) {
    const any = { q: '', kind: '' as const, ids, after: null, limit: AT_ONCE };
    const open = await listFindings(db.prisma, { ...any, state: 'open' });
    return [...open.rows, ...(await listFindings(db.prisma, { ...any, state: 'left' })).rows];
  }

  async function nameOf(id: string): Promise<string> {
    const [row] = await rowsOf([id]);
    return row ? `${row.personName}, ${row.roleName} in ${row.accountName}` : 'This finding';
  }
}

function may(request: FastifyRequest): boolean {
  return request.signedIn().personas.has('admin');
}
