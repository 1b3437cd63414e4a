import type { Prisma, Tx } from '../platform/db.ts';

export type MailKind =
  // To approvers.
  | 'approval-needed'
  | 'request-cancelled'
  | 'decided-by-another'
  // To the requester.
  | 'request-submitted'
  | 'request-approved'
  | 'request-rejected'
  | 'request-expired'
  | 'access-scheduled'
  | 'access-active'
  | 'access-ending-soon'
  | 'access-ended'
  | 'access-revoked'
  | 'access-failed';

export interface Recipient {
  userId: string;
  name: string;
  /** Without an address nothing is sent. */
  address: string | null;
}

/** What a mail tells. Names are as they were; times are instants, which the letter puts into its reader's zone and UTC. */
export interface MailFacts<Time> {
  person: string;
  account: string;
  accountId: string;
  role: string;
  durationMinutes: number;
  /** What was asked for, where less was approved. */
  askedMinutes?: number;
  startsAt?: Time | null;
  opensAt?: Time | null;
  closesAt?: Time | null;
  expiresAt?: Time | null;
  justification?: string;
  ticket?: string;
  by?: string;
  comment?: string;
  reason?: string;
  /** Which of several steps it is about: 'Step 1 of 2'. */
  step?: string;
  /** Where the request is for more time: what it makes longer, from which end to which. `durationMinutes` is how much. */
  extends?: { number: string; from: Time; to: Time };
  /** True where no access is given at the moment, so that it opens later than it would. */
  notGiving?: boolean;
  /** True where the reader did it. */
  ownDoing?: boolean;
}

export interface Mail {
  kind: MailKind;
  to: Recipient;
  /** Makes the message unique: the same subject, kind and recipient told twice is one message. */
  about: { requestId: string; number: string; occasion?: string };
  data: MailFacts<Date>;
}

/** Writes the message into the outbox, in the caller's transaction. A repeat of the same message changes nothing. */
export async function enqueueMail(tx: Tx, mail: Mail): Promise<void> {
  if (mail.to.address === null) return;
  const { requestId, occasion } = mail.about;
  const messageId = [requestId, mail.kind, occasion, mail.to.userId].filter(Boolean).join('.');
  await tx.outboxMessage.createMany({
    data: [
      {
        kind: mail.kind,
        toUserId: mail.to.userId,
        toName: mail.to.name,
        toAddress: mail.to.address,
        messageId,
        data: JSON.parse(JSON.stringify({ ...mail.data, ...mail.about })) as Prisma.InputJsonValue,
      },
    ],
    skipDuplicates: true,
  });
}
