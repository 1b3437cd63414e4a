import type { FastifyInstance } from 'fastify';
import type { SandboxServices } from '../services.ts';
import { registerMailPages } from './pages.ts';
import { listenForMail } from './smtp.ts';
import { type Mail, MailStore } from './store.ts';

export type { Mail } from './store.ts';

export interface Mailbox {
  /** What goes into `SMTP_URL`. */
  readonly smtpUrl: string;
  /** What arrived, oldest first. */
  readonly mails: readonly Mail[];
  /** The mail for which this holds, as soon as it is here; fails with what is here instead. */
  waitForMail(matches: (mail: Mail) => boolean, timeoutMs?: number): Promise<Mail>;
  /** While it is down the server refuses every mail for now. */
  setDown(down: boolean): void;
  close(): Promise<void>;
}

/** Starts an SMTP server that keeps what it gets, and adds pages that show it. Closing the app closes it as well. */
export async function startMailbox(
  app: FastifyInstance,
  services: SandboxServices,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<Mailbox> {
  const saved = services.state.keep('mailbox', () => store.mails);
  const store = new MailStore(saved, () => services.state.changed());
  registerMailPages(app, store);
  const smtp = await listenForMail({ host, port }, services.clock.now, (mail) => store.add(mail));
  app.addHook('onClose', smtp.close);
  return {
    smtpUrl: `smtp://127.0.0.1:${smtp.port}`,
    mails: store.mails,
    waitForMail: (matches, timeoutMs = 10_000) => store.wait(matches, timeoutMs),
    setDown: smtp.setDown,
    close: smtp.close,
  };
}
