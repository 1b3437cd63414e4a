export { enqueueMail, type Mail, type MailKind, type Recipient } from './outbox.ts';
