import type { FastifyInstance, FastifyReply } from 'fastify';
import { directoryAge } from '../directory/index.ts';
import { ConflictError, type FieldErrors, InvalidInputError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readForm, submitted } from '../web/index.ts';
import { changeSettings } from './change-settings.ts';
import { CONFIRMATION, SettingsForm, settingsInput } from './form.ts';
import { readSettings } from './store.ts';

/** The page on which admins change what holds for the whole portal. */
export async function settingsRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  app.get('/admin/settings', { config: { access: 'admin' } }, (_request, reply) => show(platform, reply));

  app.post('/admin/settings', { config: { access: 'admin' } }, async (request, reply) => {
    const form = readForm(SettingsForm, request.body);
    if (!form.ok) return show(platform, reply.code(422), form.errors, submitted(request.body));
    try {
      const changed = await changeSettings(platform, request.actor(), settingsInput(form.values));
      reply.flash(
        changed ? 'success' : 'info',
        changed ? 'The settings are saved and hold now.' : 'Nothing was changed.',
      );
      return reply.seeOther('/admin/settings');
    } catch (error) {
      if (error instanceof InvalidInputError) {
        return show(platform, reply.code(422), error.fields, submitted(request.body));
      }
      // What they typed rests on settings that are no longer so: the form shows those that hold now.
      if (error instanceof ConflictError) return show(platform, reply.code(409), { form: error.message });
      throw error;
    }
  });
}

/** The form with the stored settings, or with what was sent where that is to be mended. */
async function show(
  { db }: Platform,
  reply: FastifyReply,
  errors: FieldErrors = {},
  sent?: Record<string, string | string[]>,
): Promise<FastifyReply> {
  const [stored, age] = await Promise.all([readSettings(db.prisma), directoryAge(db.prisma)]);
  const { settings, version, updatedAt, updatedByName } = stored;
  return reply.page('/settings/index', {
    fields: sent ?? { ...settings, confirmation: '' },
    // A form that is mended still rests on what its reader saw first.
    version: sent?.version ?? version,
    approvalEnabled: settings.approvalEnabled,
    changed: updatedAt ? { at: updatedAt, by: updatedByName ?? 'someone' } : null,
    confirmation: CONFIRMATION,
    timeZones: Intl.supportedValuesOf('timeZone'),
    errors,
    age,
  });
}
