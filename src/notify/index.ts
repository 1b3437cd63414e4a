export { createMailer, type Mailer } from './deliver.ts';
export { enqueueMail, type Mail, type MailKind, type Recipient } from './outbox.ts';
