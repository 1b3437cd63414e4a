import type { FastifyInstance, FastifyReply } from 'fastify';
import { appNow } from '../platform/db.ts';
import type { FieldErrors } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { readForm, submitted } from '../web/index.ts';
import { changePreferences } from './change-preferences.ts';
import { MAIL_TOPICS } from './mail-topics.ts';
import { PreferencesForm, TOPIC_WORDS } from './preferences-form.ts';
import { readPreferences } from './preferences-store.ts';
import { readSettings } from './store.ts';

/** The page on which everybody chooses their time zone and their mail. */
export async function preferencesRoutes(app: FastifyInstance, { platform }: { platform: Platform }): Promise<void> {
  const { db } = platform;
  const person = { config: { access: 'person' as const } };

  app.get('/preferences', person, (_request, reply) => show(reply));

  app.post('/preferences', person, async (request, reply) => {
    const form = readForm(PreferencesForm, request.body);
    if (!form.ok) return show(reply.code(422), form.errors, submitted(request.body));
    const changed = await changePreferences(platform, request.actor(), form.values);
    reply.flash(
      changed ? 'success' : 'info',
      changed ? 'Your preferences are saved and hold now.' : 'Nothing was changed.',
    );
    return reply.seeOther('/preferences');
  });

  async function show(reply: FastifyReply, errors: FieldErrors = {}, sent?: Record<string, string | string[]>) {
    const { userId, email } = reply.request.signedIn();
    const [own, { settings }, now] = await Promise.all([
      readPreferences(db.prisma, userId),
      readSettings(db.prisma),
      appNow(db.prisma),
    ]);
    return reply.page('/settings/preferences', {
      // Not `timeZone`: that is what every page has for its times.
      chosenZone: sent ? sent.timeZone : (own.timeZone ?? ''),
      mail: sent ? sent.mail : MAIL_TOPICS.filter((topic) => !own.muted.includes(topic)),
      topics: MAIL_TOPICS.map((value) => ({ value, ...TOPIC_WORDS[value] })),
      portalZone: settings.timeZone,
      mailPaused: settings.mailPaused,
      timeZones: Intl.supportedValuesOf('timeZone'),
      email,
      now,
      errors,
    });
  }
}
