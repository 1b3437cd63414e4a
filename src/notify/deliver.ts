import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { createTransport, type Transporter } from 'nodemailer';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { asText, composeAlarm, composeLetter } from './compose.ts';
import { claimDueMessages, type DueMessage, markFailed, markSent, setAside } from './store.ts';

const VIEWS = fileURLToPath(new URL('../../views/notify', import.meta.url));
/** A message that cannot be handed over for so long is given up; its last error stays in the outbox. */
const GIVE_UP_AFTER_MS = 7 * 24 * 3_600_000;
const LONGEST_WAIT_SECONDS = 900;

export interface Mailer {
  /** Sends what is due, once. Returns how many messages it tried. */
  deliverDue(): Promise<number>;
  /** Looks for due messages until `stop`; a failure of the mail server delays mail and nothing else. */
  start(): void;
  stop(): Promise<void>;
}

/** What holds for a mail when it is sent. */
export interface MailRules {
  /** False: no mail leaves the portal. */
  enabled: boolean;
  /** The zone of its reader. */
  timeZone: string;
}

/**
 * The mailer of a worker process; it does nothing where no mail server is configured. `rulesFor` is asked for the
 * rules of each recipient; null where a message names nobody.
 */
export function createMailer(platform: Platform, rulesFor: (userId: string | null) => Promise<MailRules>): Mailer {
  const { config, db, log } = platform;
  const eta = new Eta({ views: VIEWS, cache: true });
  const transport = config.mail ? createTransport(withTimeouts(config.mail.smtpUrl)) : null;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let stopped = false;

  async function deliver(message: DueMessage, via: Transporter, from: string): Promise<void> {
    const rules = await rulesFor(message.toUserId);
    // Sent late, once mail is on again, it would only mislead.
    if (!rules.enabled) return setAside(db, message.id, 'Mail is switched off in the settings.');
    const letter =
      message.kind === 'alarm'
        ? composeAlarm(message.data, config.baseUrl)
        : composeLetter(message.kind, message.data, config.baseUrl, rules.timeZone);
    try {
      await via.sendMail({
        messageId: `<${message.messageId}@${config.baseUrl.hostname}>`,
        from,
        to: { name: message.toName, address: message.toAddress },
        subject: letter.subject,
        text: asText(letter),
        html: await eta.renderAsync('/mail', letter),
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      await markSent(db, message.id);
    } catch (error) {
      const giveUp = refusedForGood(error) || Date.now() - message.createdAt.getTime() > GIVE_UP_AFTER_MS;
      const waitSeconds =
        Math.min(LONGEST_WAIT_SECONDS, 5 * 2 ** Math.min(message.attempts, 10)) * (0.75 + Math.random() / 2);
      await markFailed(db, message.id, messageOf(error), giveUp ? null : waitSeconds);
      log.warn({ err: messageOf(error), mail: message.id, kind: message.kind, giveUp }, 'a mail could not be sent');
    }
  }

  async function deliverDue(): Promise<number> {
    if (transport === null || config.mail === null) return 0;
    const { from } = config.mail;
    const due = await claimDueMessages(db);
    if (due.length === 0) return 0;
    await Promise.all(due.map((message) => deliver(message, transport, from)));
    return due.length;
  }

  function loop(): void {
    if (stopped) return;
    running = deliverDue()
      .catch((error: unknown) => {
        log.warn({ err: messageOf(error) }, 'the outbox could not be read');
        return 0;
      })
      .then((sent) => {
        if (!stopped) timer = setTimeout(loop, sent > 0 ? 0 : IDLE_MS).unref();
      });
  }

  return {
    deliverDue,
    start: () => {
      if (transport !== null) loop();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      transport?.close();
    },
  };
}

const IDLE_MS = 1_000;

/** nodemailer takes a transport's options from the address's query; without these a server that hangs holds mail for minutes. */
function withTimeouts(smtpUrl: string): string {
  const url = new URL(smtpUrl);
  const limits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };
  for (const [name, ms] of Object.entries(limits)) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, String(ms));
  }
  return url.href;
}

/** RFC 5321: a 5yz answer says that the same message will not be taken later either. */
function refusedForGood(error: unknown): boolean {
  const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
  return code >= 550 && code < 560;
}
