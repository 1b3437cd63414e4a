import { z } from 'zod';
import { type Html, html } from '../html.ts';
import { choiceField, numberField, type Refused } from './fields.ts';

/** Reasons that people published of creates and deletes that ended as FAILED; AWS documents none. */
export const FAILURE_REASONS = [
  'An unexpected internal service exception was encountered',
  'AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account ' +
    "'111122223333' takes longer than usual. Please try again in a few minutes. If this problem continues, contact " +
    'AWS Support.',
  'Received a 403 status error: Access denied by IAM. Please check your policy, or wait for role propagation to ' +
    'complete. IAM Error: User: arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForSSO/AWS-SSO is not authorized ' +
    'to perform: iam:ListRolePolicies',
] as const;

const MOST = 1000;
const schema = z.record(z.string(), z.string().max(200));

/** The reasons of the writes that are to fail, one each, or what is wrong with the form. */
export function readFailures(body: unknown): { reasons: string[] } | { refused: Refused } {
  const given = schema.safeParse(body);
  const values = given.success ? given.data : {};
  const wrong: Record<string, string> = {};
  const count = /^\d{1,4}$/.test((values.count ?? '').trim()) ? Number(values.count) : Number.NaN;
  if (!(count >= 1 && count <= MOST)) wrong.count = `Give a whole number from 1 to ${MOST}.`;
  const reason = FAILURE_REASONS.find((_, index) => String(index) === values.reason);
  if (reason === undefined) wrong.reason = 'Choose one of the reasons.';
  if (reason === undefined || wrong.count) return { refused: { form: 'failures', values, wrong } };
  return { reasons: Array.from({ length: count }, () => reason) };
}

/** The form that lets the next creates and deletes end as FAILED. */
export function failureForm(refused: Refused | undefined): Html {
  const again = refused?.form === 'failures' ? refused : undefined;
  const common = (name: string, first: string) => ({
    id: `failures-${name}`,
    name,
    value: again?.values[name] ?? first,
    wrong: again?.wrong[name],
  });
  const options = FAILURE_REASONS.map((label, index) => ({ value: String(index), label: shortened(label) }));
  return html`<form method="post" action="/faults/failures"><div class="fields wide">
${numberField({ ...common('count', '1'), label: 'FAILED: so many of the next', unit: 'creates and deletes' })}
${choiceField({ ...common('reason', '0'), label: 'For this reason', options })}
</div><p><button>Let them fail</button></p></form>`;
}

const shortened = (text: string) => (text.length > 90 ? `${text.slice(0, 88)}…` : text);
