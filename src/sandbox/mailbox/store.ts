import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const mailSchema = z.object({
  id: z.string(),
  messageId: z.string(),
  /** ISO 8601, of the first copy. */
  receivedAt: z.string(),
  from: z.string(),
  /** Whom the SMTP envelope named, in lower case: this decides who gets a mail, not its header. */
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string(),
  html: z.string().nullable(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  /** How often a mail with this Message-ID arrived. */
  count: z.number(),
});

/** A mail as the mailbox keeps it. */
export type Mail = z.infer<typeof mailSchema>;
export type ArrivedMail = Omit<Mail, 'id' | 'count'>;

const capacity = 1_000;

interface Waiter {
  matches: (mail: Mail) => boolean;
  resolve: (mail: Mail) => void;
}

/** The mails that arrived, oldest first, as many as fit. */
export class MailStore {
  readonly mails: Mail[];
  readonly #onChange: () => void;
  readonly #waiters = new Set<Waiter>();

  constructor(saved: unknown, onChange: () => void) {
    this.mails = z.array(mailSchema).safeParse(saved).data ?? [];
    this.#onChange = onChange;
  }

  /** Keeps a mail. One whose Message-ID was here before is the same mail once more, as it is to a mail program. */
  add(arrived: ArrivedMail): void {
    const mail = this.#repeated(arrived) ?? this.#added(arrived);
    this.#onChange();
    for (const waiter of this.#waiters) if (waiter.matches(mail)) waiter.resolve(mail);
  }

  /** The mail for which this holds, as soon as it is here. */
  async wait(matches: (mail: Mail) => boolean, timeoutMs: number): Promise<Mail> {
    const here = this.mails.find(matches);
    if (here) return here;
    const { promise, resolve, reject } = Promise.withResolvers<Mail>();
    const waiter = { matches, resolve };
    this.#waiters.add(waiter);
    const seen = () => this.mails.map(({ to, subject }) => `${to.join(', ')}: ${subject}`).join('\n') || 'none at all';
    const fail = () => reject(new Error(`No such mail within ${timeoutMs} ms. The mailbox has:\n${seen()}`));
    const timer = setTimeout(fail, timeoutMs);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    });
  }

  #repeated(arrived: ArrivedMail): Mail | undefined {
    const mail = this.mails.find(({ messageId }) => messageId === arrived.messageId);
    if (!mail) return undefined;
    mail.count += 1;
    mail.to = [...new Set([...mail.to, ...arrived.to])];
    return mail;
  }

  #added(arrived: ArrivedMail): Mail {
    const mail = { ...arrived, id: randomUUID(), count: 1 };
    this.mails.push(mail);
    if (this.mails.length > capacity) this.mails.splice(0, this.mails.length - capacity);
    return mail;
  }
}
