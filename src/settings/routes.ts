import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { ConflictError, type FieldErrors, InvalidInputError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { createCursor, cursorNumber, PAGE_SIZE, pageOf, readForm, submitted, wantsFragment } from '../web/index.ts';
import { changeSettings, type SettingsChange } from './change-settings.ts';
import { confirmLoosening, withdrawLoosening } from './close-loosening.ts';
import { SettingsForm, settingsInput } from './form.ts';
import { historyEntry } from './history.ts';
import { settingsEvents } from './history-store.ts';
import { wishInWords } from './loosening.ts';
import { compareOvertaken } from './overtaken.ts';
import { settingsPage } from './page.ts';
import { readSettings } from './store.ts';
import { tryTicket } from './ticket-trial.ts';
import { labelOf, SETTING_NAMES, valueInWords } from './words.ts';

const PAGE = '/admin/settings';
const admin = { config: { access: 'admin' as const } };
const auditing = { config: { access: ['admin', 'auditor'] as ['admin', 'auditor'] } };
const reading = { config: { access: 'admin' as const, changesNothing: true } };
const cursor = createCursor(cursorNumber);

/** The pages on which admins change what holds for the whole portal, and read who changed what. */
export async function settingsRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  const { db } = platform;
  const show = async (reply: FastifyReply, wrong: Parameters<typeof settingsPage>[2] = {}) =>
    reply.page('/settings/index', await settingsPage(platform, reply.request.signedIn(), wrong));
  const showAgain = (reply: FastifyReply, errors: FieldErrors) =>
    show(reply.code(422), { errors, sent: submitted(reply.request.body) });

  app.get(PAGE, admin, (_request, reply) => show(reply));

  app.post(PAGE, admin, async (request, reply) => {
    const form = readForm(SettingsForm, request.body);
    if (!form.ok) return showAgain(reply, form.errors);
    const input = settingsInput(form.values);
    try {
      for (const text of outcomeOf(await changeSettings(platform, request.actor(), input)))
        reply.flash('success', text);
      return reply.seeOther(PAGE);
    } catch (error) {
      if (error instanceof InvalidInputError) return showAgain(reply, error.fields);
      if (!(error instanceof ConflictError)) throw error;
      const stored = await readSettings(db.prisma);
      const overtaken = await compareOvertaken(db.prisma, stored, input, submitted(request.body));
      return show(reply.code(409), { errors: { form: error.message }, overtaken });
    }
  });

  // A post, since without scripts it carries the whole form, which comes back as it was typed.
  app.post(`${PAGE}/ticket-trial`, reading, async (request, reply) => {
    const trial = tryTicket(request.body);
    if (wantsFragment(request)) return reply.partial('settings/_trial', { trial });
    return show(reply, { trial, sent: submitted(request.body) });
  });

  app.post(`${PAGE}/loosenings/:id/confirmation`, admin, async (request, reply) => {
    const { setting, newValue } = await confirmLoosening(platform, request.actor(), idOf(request.params));
    reply.flash('success', `“${labelOf(setting)}” is ${valueInWords(setting, newValue)} now.`);
    return reply.seeOther(PAGE);
  });

  app.post(`${PAGE}/loosenings/:id/withdrawal`, admin, async (request, reply) => {
    const { setting } = await withdrawLoosening(platform, request.actor(), idOf(request.params));
    reply.flash('success', `“${labelOf(setting)}” stays as it is.`);
    return reply.seeOther(PAGE);
  });

  app.get(`${PAGE}/history`, auditing, async (request, reply) => {
    const query = z.object({
      setting: z.enum(SETTING_NAMES).optional().catch(undefined),
      cursor: z.unknown().optional(),
    });
    const asked = query.parse(request.query);
    const before = cursor.decode(asked.cursor);
    const events = await settingsEvents(db.prisma, { setting: asked.setting ?? null, before, limit: PAGE_SIZE + 1 });
    const { rows, next } = pageOf(events, (last) => cursor.encode(last.id));
    return reply.page('/settings/history', {
      mayChange: request.signedIn().personas.has('admin'),
      entries: rows.map(historyEntry),
      setting: asked.setting ? { name: asked.setting, label: labelOf(asked.setting) } : null,
      settings: SETTING_NAMES.map((name) => ({ value: name, label: labelOf(name) })),
      address: request.url,
      pagination: { address: request.url, cursor: before === null ? null : String(asked.cursor), next },
    });
  });
}

/** What became of a save, as sentences. */
function outcomeOf({ changed, asked, waitsAlready }: SettingsChange): string[] {
  const waiting = [
    ...asked.map(
      ({ setting, value }) => `You asked to ${wishInWords(setting, value)}; another admin has to confirm it.`,
    ),
    ...waitsAlready.map(
      (name) => `“${labelOf(name)}” stays as it is: a wish to change it waits already. Look at it below.`,
    ),
  ];
  if (changed) return ['The settings are saved and hold now.', ...waiting];
  return waiting.length > 0 ? waiting : ['Nothing was changed.'];
}

function idOf(params: unknown): string {
  const parsed = z.object({ id: z.uuid() }).safeParse(params);
  if (!parsed.success) throw new NotFoundError('no-loosening', 'Nobody asked for this. Look at the settings again.');
  return parsed.data.id;
}
