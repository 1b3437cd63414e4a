import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { ArrivedMail } from './store.ts';

export interface SmtpListener {
  port: number;
  /** While it is down every mail is refused for now (4xx), as by a server that restarts. */
  setDown(down: boolean): void;
  close(): Promise<void>;
}

/** An SMTP server without passwords and encryption that hands over what it is given. */
export async function listenForMail(
  { host, port }: { host: string; port: number },
  now: () => Date,
  deliver: (mail: ArrivedMail) => void,
): Promise<SmtpListener> {
  let down = false;
  const refusal = () => (down ? Object.assign(new Error('The mailbox is down'), { responseCode: 421 }) : null);

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    size: 10 * 1024 * 1024,
    onConnect: (_session, done) => done(refusal()),
    // A client that keeps its connection open must feel it too.
    onMailFrom: (_address, _session, done) => done(refusal()),
    onData: (stream, session, done) => {
      simpleParser(stream)
        .then((mail) => {
          deliver({
            messageId: mail.messageId ?? `<${randomUUID()}@none>`,
            receivedAt: now().toISOString(),
            from: mail.from?.text ?? '',
            to: session.envelope.rcptTo.map(({ address }) => address.toLowerCase()),
            subject: mail.subject ?? '',
            text: mail.text ?? '',
            html: mail.html || null,
            headers: mail.headerLines.map(({ line }) => splitHeader(line)),
          });
          done();
        })
        .catch((error: unknown) => done(error instanceof Error ? error : new Error(String(error))));
    },
  });
  // A client that hangs up in the middle is its own affair.
  server.on('error', () => {});

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    setDown: (value) => {
      down = value;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function splitHeader(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  return {
    name: line.slice(0, colon),
    value: line
      .slice(colon + 1)
      .replace(/\r?\n\s*/g, ' ')
      .trim(),
  };
}
