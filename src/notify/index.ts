export { type Alarm, enqueueAlarm } from './alarm-store.ts';
export { createMailer, type Mailer } from './deliver.ts';
export { enqueueMail, type Mail, type MailKind } from './outbox.ts';
