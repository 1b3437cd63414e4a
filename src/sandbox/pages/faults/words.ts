import type { Faults, ServiceName, WriteMatch } from '../../faults.ts';
import type { Organization, SandboxAssignment } from '../../organization.ts';

export const SERVICE_NAMES: Record<ServiceName, string> = {
  'sso-admin': 'Identity Center’s assignments (SSO Admin)',
  'identity-store': 'Identity Center’s people (Identity Store)',
  organizations: 'Organizations',
  cloudtrail: 'CloudTrail',
  sts: 'STS',
};

/** One fault that is on, and what it does, as a sentence. */
export interface FaultInWords {
  name: keyof Faults;
  text: string;
}

/** Every fault that is on now, in the order in which the form has them. */
export function faultsInWords(faults: Faults, organization: Organization): FaultInWords[] {
  const writes = (match: WriteMatch) => writesInWords(match, organization);
  const { outageOf, breakAfter, failNext } = faults;
  const all: [keyof Faults, unknown, string][] = [
    ['outage', faults.outage, 'An outage: every AWS call is answered with HTTP 503.'],
    [
      'outageOf',
      outageOf,
      `An outage of ${outageOf && SERVICE_NAMES[outageOf]}: its calls are answered with HTTP 503.`,
    ],
    ['throttleShare', faults.throttleShare, `${percent(faults.throttleShare)} of AWS calls are throttled.`],
    [
      'conflictShare',
      faults.conflictShare,
      `${percent(faults.conflictShare)} of creates and deletes are answered with ConflictException.`,
    ],
    [
      'serverErrorShare',
      faults.serverErrorShare,
      `${percent(faults.serverErrorShare)} of AWS calls are answered with HTTP 500.`,
    ],
    ['slowMs', faults.slowMs, `Each AWS call takes ${faults.slowMs} ms longer.`],
    ['listLagMs', faults.listLagMs, `Lists show assignments as they stood ${seconds(faults.listLagMs)} ago.`],
    ['stuck', faults.stuck, `Stuck: ${writes(faults.stuck)} stay in progress.`],
    ['loseStatus', faults.loseStatus, 'AWS no longer knows the status of any create or delete.'],
    [
      'loseAnswer',
      faults.loseAnswer,
      `Lost answers: ${writes(faults.loseAnswer)} take effect, but the connection breaks before the answer.`,
    ],
    [
      'failNext',
      failNext.length,
      failNext.length === 1
        ? 'The next create or delete ends as FAILED.'
        : `The next ${failNext.length} creates or deletes end as FAILED.`,
    ],
    ['failWhen', faults.failWhen, 'Creates and deletes that somebody picked end as FAILED.'],
    ['forbidden', faults.forbidden, `Forbidden: ${writes(faults.forbidden)} are refused with AccessDeniedException.`],
    [
      'forbiddenOperations',
      faults.forbiddenOperations.length,
      `The portal’s role may not call ${faults.forbiddenOperations.join(', ')}.`,
    ],
    [
      'quotaExceeded',
      faults.quotaExceeded,
      `Quota exceeded: ${writes(faults.quotaExceeded === true ? { kind: 'create' } : faults.quotaExceeded)} are refused.`,
    ],
    [
      'absentDeleteFails',
      faults.absentDeleteFails,
      'Deleting what is not assigned ends as FAILED instead of being refused at once.',
    ],
    ['breakAfter', breakAfter, `${breakAfter?.operation} breaks off after ${breakAfter?.calls} more calls.`],
    ['repeatPages', faults.repeatPages, 'Lists repeat themselves from page to page.'],
    ['omitPaths', faults.omitPaths, 'Organizations does not tell where an account stands.'],
    [
      'clockOffsetMs',
      faults.clockOffsetMs,
      `AWS’s clock is ${seconds(Math.abs(faults.clockOffsetMs))} ${faults.clockOffsetMs > 0 ? 'fast' : 'slow'}.`,
    ],
    ['eventDelayMs', faults.eventDelayMs, `CloudTrail shows events ${seconds(faults.eventDelayMs)} late.`],
  ];
  return all.filter(([, value]) => Boolean(value)).map(([name, , text]) => ({ name, text }));
}

/** Which writes a fault is aimed at. */
export function writesInWords(match: WriteMatch, organization: Organization): string {
  if (match === true) return 'all creates and deletes';
  if (match === false) return 'no creates and deletes';
  if (typeof match === 'function') return 'creates and deletes that a program picks';
  const { kind, accountId, permissionSetArn, principalId } = match;
  const kinds = kind === undefined ? 'creates and deletes' : `${kind}s`;
  const names = namesOf({ accountId, permissionSetArn, principalId }, organization);
  const parts = [
    permissionSetArn && ` of ${names.permissionSet}`,
    accountId && ` in ${names.account}`,
    principalId && ` for ${names.principal}`,
  ];
  return `${parts.some(Boolean) ? '' : 'all '}${kinds}${parts.filter(Boolean).join('')}`;
}

/** What people call the parts of an assignment; the ID of what is no longer there. */
export function namesOf(
  assignment: Partial<Pick<SandboxAssignment, 'accountId' | 'permissionSetArn' | 'principalId'>>,
  { accounts, permissionSets, users, groups }: Organization,
) {
  const { accountId = '', permissionSetArn = '', principalId = '' } = assignment;
  return {
    account: accounts.find(({ id }) => id === accountId)?.name ?? accountId,
    permissionSet: permissionSets.find(({ arn }) => arn === permissionSetArn)?.name ?? permissionSetArn,
    principal: [...users, ...groups].find(({ id }) => id === principalId)?.displayName ?? principalId,
  };
}

const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;
const seconds = (ms: number) => (ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`);
