/**
 * Every way in which AWS can fail us, and what is done then: the one table of it. `aws-errors.ts` and `learn.ts` take
 * their words from here; `docs/architecture.md` shows the same table, and a test compares them.
 */
export const WAYS = {
  busy: {
    aws: 'ThrottlingException, TooManyRequestsException, or too many creates outstanding',
    give: 'refused; again after a pause that doubles up to ten seconds',
    take: 'the same, for ever',
    words: 'AWS is busy.',
  },
  conflict: {
    aws: 'ConflictException: an earlier write is not everywhere yet',
    give: 'refused; again after a pause',
    take: 'the same, for ever',
    words: 'AWS is still working on another change of the same access.',
  },
  away: {
    aws: 'HTTP 5xx, or no connection',
    give: 'outcome unknown (refused, where nothing was sent): the list decides; again after a pause, until the window is over',
    take: 'the same, for ever; overdue on the health page and by mail',
    words: 'AWS does not work as it should.',
  },
  'no-answer': {
    aws: 'no answer within ten seconds, or the process died before it had one',
    give: 'outcome unknown: the list decides; read each minute for 15 minutes, then 10 and 60 minutes later, and what comes too late is deleted',
    take: 'outcome unknown: the list decides; access given since that a late delete took is given again',
    words: 'AWS did not answer.',
  },
  failed: {
    aws: 'status FAILED, with a reason in free text',
    give: 'the grant fails; what succeeds all the same is found as after no answer, and deleted',
    take: 'again after a pause, for ever',
    words: 'AWS could not create the access.',
  },
  stuck: {
    aws: 'status IN_PROGRESS for more than five minutes',
    give: 'outcome unknown: the list decides; asked after for as long as AWS says IN_PROGRESS, and watched as long',
    take: 'deleted again; the earlier delete is asked after as long',
    words: null,
  },
  lost: {
    aws: 'the status of a request is not known (ResourceNotFoundException)',
    give: 'in the first ten seconds asked again; after that outcome unknown: the list decides',
    take: 'the same',
    words: 'AWS does not know the request.',
  },
  lagging: {
    aws: 'a list that does not show yet what succeeded, or still shows what is gone',
    give: 'not told "active" before the list shows it; after a minute of contradiction the list is believed',
    take: 'not told "ended" before the list shows its absence, which is read again ten seconds later; after a minute of contradiction it is deleted again',
    words: null,
  },
  gone: {
    aws: 'ResourceNotFoundException: the account, the permission set or the person is not known',
    give: 'the grant fails',
    take: 'not believed of a delete: the list decides; a list that does not know the account or the permission set, read twice ten seconds apart, ends the grant as gone; it stays owed and is read 10 and 60 minutes later, and what shows again is deleted',
    words: 'The account, the permission set or the person no longer exists in AWS.',
  },
  'person-gone': {
    aws: 'the person was deleted in Identity Center',
    give: 'the check of rights refuses; the grant fails',
    take: 'deleted by the ID, which AWS still takes; what its list no longer shows is over',
    words: null,
  },
  'account-gone': {
    aws: 'the account left the organization: deletes fail, Organizations does not know it',
    give: 'the check of rights refuses; the grant fails',
    take: 'after three failures in a row Organizations is asked; AccountNotFoundException ends the grant as gone; what the list shows 10 or 60 minutes later is deleted as before',
    words: 'The account or the permission set no longer exists.',
  },
  suspended: {
    aws: 'the account is suspended or closed: deletes fail, Organizations says so',
    give: 'the check of rights refuses; the grant fails',
    take: 'tried every two minutes, for ever: nobody can use it, and AWS may give it back',
    words:
      'The account is suspended or closed: nobody can use it, and AWS changes nothing in it. Latchkey goes on trying, because AWS may give it back.',
  },
  forbidden: {
    aws: 'AccessDeniedException, such as for the management account',
    give: 'the grant fails',
    take: 'marked cannot-revoke, administrators are told at once; tried for ever',
    words: 'AWS does not allow Latchkey to give this access; an administrator can see to that.',
  },
  quota: {
    aws: 'ServiceQuotaExceededException',
    give: 'the grant fails',
    take: 'does not happen to deletes; again after a pause if it does',
    words: 'A limit of AWS is reached; an administrator can have it raised.',
  },
  invalid: {
    aws: 'ValidationException',
    give: 'the grant fails',
    take: 'again after a pause, for ever',
    words: 'AWS does not accept the request.',
  },
  key: {
    aws: 'an error whose Reason is the key that encrypts Identity Center (KMS_…)',
    give: 'refused; again after a pause, until the window is over',
    take: 'the same, for ever; never taken for gone',
    words: 'AWS cannot use the key that encrypts Identity Center; an administrator can see to that.',
  },
  credentials: {
    aws: 'expired, missing or unknown credentials',
    give: 'refused; again after a pause, until the window is over',
    take: 'the same, for ever',
    words: 'AWS does not accept the credentials of Latchkey.',
  },
  other: {
    aws: 'anything else',
    give: 'outcome unknown, as after no answer',
    take: 'outcome unknown, as after no answer',
    words: 'AWS did not answer.',
  },
} as const;
