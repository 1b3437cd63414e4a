import { z } from 'zod';
import type { Faults, ServiceName, WriteMatch } from '../../faults.ts';
import type { Organization } from '../../organization.ts';
import { type Html, html } from '../html.ts';
import { choiceField, numberField, type Option, type Refused } from './fields.ts';
import { SERVICE_NAMES, writesInWords } from './words.ts';

type NumberName =
  | 'throttleShare'
  | 'conflictShare'
  | 'serverErrorShare'
  | 'slowMs'
  | 'listLagMs'
  | 'clockOffsetMs'
  | 'eventDelayMs';

interface NumberFault {
  label: string;
  unit: string;
  /** How many of the fault's own units one of the form's is. */
  factor: number;
  least: number;
  most: number;
  hint?: string;
}

const share = { factor: 0.01, least: 0, most: 100 };
const NUMBERS: Record<NumberName, NumberFault> = {
  throttleShare: { label: 'Throttled', unit: '% of calls', ...share },
  conflictShare: {
    label: 'Conflicts',
    unit: '% of writes',
    hint: 'Writes are creates and deletes of assignments.',
    ...share,
  },
  serverErrorShare: { label: 'Server errors', unit: '% of calls', ...share },
  slowMs: { label: 'Slow: each call takes longer by', unit: 'ms', factor: 1, least: 0, most: 120_000 },
  listLagMs: { label: 'Lists lag behind by', unit: 'ms', factor: 1, least: 0, most: 3_600_000 },
  clockOffsetMs: {
    label: 'AWS’s clock is fast by',
    unit: 'seconds',
    factor: 1000,
    least: -86_400,
    most: 86_400,
    hint: 'Below zero: slow. It dates sign-ins too: a portal refuses those that are minutes off.',
  },
  eventDelayMs: { label: 'CloudTrail events come late by', unit: 'seconds', factor: 1000, least: 0, most: 86_400 },
};
const NUMBER_NAMES = Object.keys(NUMBERS) as NumberName[];

type WriteName = 'stuck' | 'loseAnswer' | 'forbidden' | 'quotaExceeded';
const WRITES: Record<WriteName, { label: string; hint: string; only?: 'create' }> = {
  stuck: { label: 'Stuck', hint: 'AWS accepts them and never finishes.' },
  loseAnswer: { label: 'Lost answers', hint: 'They take effect, but the answer never arrives.' },
  forbidden: { label: 'Forbidden', hint: 'AWS denies them.' },
  quotaExceeded: { label: 'Quota exceeded', hint: 'AWS refuses to create more.', only: 'create' },
};
const WRITE_NAMES = Object.keys(WRITES) as WriteName[];
const KINDS: Record<string, WriteMatch> = {
  none: false,
  create: { kind: 'create' },
  delete: { kind: 'delete' },
  all: true,
};
/** The choice that leaves a fault which is aimed at single writes as it is. */
const AS_IT_IS = 'as-it-is';

const SERVICES = Object.keys(SERVICE_NAMES) as ServiceName[];
const formSchema = z.record(z.string(), z.string().max(200));

/** What the form says the faults are to be, or what is wrong with it, with a sentence for each wrong field. */
export function readFaultForm(body: unknown): { changes: Partial<Faults> } | { refused: Refused } {
  const given = formSchema.safeParse(body);
  const values = given.success ? given.data : {};
  const wrong: Record<string, string> = {};
  const changes: Partial<Faults> = {};

  for (const name of NUMBER_NAMES) {
    const { factor, least, most, unit } = NUMBERS[name];
    const text = (values[name] ?? '').trim();
    const number = text === '' ? Number.NaN : Number(text);
    if (number >= least && number <= most) changes[name] = number * factor;
    else wrong[name] = `Give a number from ${least} to ${most} (${unit}); 0 switches it off.`;
  }
  for (const name of WRITE_NAMES) {
    const value = values[name] ?? '';
    const match = KINDS[value];
    const sensible = WRITES[name].only === undefined || ['none', WRITES[name].only].includes(value);
    if (match !== undefined && sensible) changes[name] = match;
    else if (value !== AS_IT_IS) wrong[name] = 'Choose one of the options.';
  }
  const outage = values.outage ?? '';
  const service = SERVICES.find((each) => each === outage);
  if (service || outage === 'none' || outage === 'all') {
    changes.outage = outage === 'all';
    changes.outageOf = service ?? null;
  } else wrong.outage = 'Choose one of the options.';
  if (values.loseStatus === 'yes' || values.loseStatus === 'no') changes.loseStatus = values.loseStatus === 'yes';
  else wrong.loseStatus = 'Choose one of the options.';

  return Object.keys(wrong).length === 0 ? { changes } : { refused: { form: 'faults', values, wrong } };
}

/** The form with every fault that has a setting of its own, as they are now or as somebody wanted them. */
export function faultForm(faults: Faults, organization: Organization, refused: Refused | undefined): Html {
  const again = refused?.form === 'faults' ? refused : undefined;
  const common = (name: string, now: string) => ({
    id: `fault-${name}`,
    name,
    value: again ? (again.values[name] ?? '') : now,
    wrong: again?.wrong[name],
  });
  const numbers = (names: NumberName[]) =>
    names.map((name) => {
      const { label, unit, hint, factor } = NUMBERS[name];
      return numberField({ ...common(name, String(tidy(faults[name] / factor))), label, unit, hint });
    });
  const writes = WRITE_NAMES.map((name) => {
    const { label, hint, only } = WRITES[name];
    const now = chosenKind(faults[name], only);
    const options: Option[] = [
      { value: 'none', label: 'None' },
      { value: 'create', label: 'Creates' },
      ...(only ? [] : [{ value: 'delete', label: 'Deletes' }]),
      ...(only ? [] : [{ value: 'all', label: 'All' }]),
      ...(now === AS_IT_IS ? [{ value: AS_IT_IS, label: `As now: ${writesInWords(faults[name], organization)}` }] : []),
    ];
    return choiceField({ ...common(name, now), label, hint, options });
  });
  const outages: Option[] = [
    { value: 'none', label: 'None' },
    { value: 'all', label: 'All of AWS' },
    ...SERVICES.map((value) => ({ value, label: SERVICE_NAMES[value] })),
  ];
  const lost: Option[] = [
    { value: 'no', label: 'No' },
    { value: 'yes', label: 'Yes: AWS knows no status any more' },
  ];
  return html`<form method="post" action="/faults"><div class="fields">
${choiceField({ ...common('outage', faults.outage ? 'all' : (faults.outageOf ?? 'none')), label: 'Outage', options: outages })}
${numbers(['throttleShare', 'conflictShare', 'serverErrorShare', 'slowMs', 'listLagMs'])}
${writes}
${choiceField({ ...common('loseStatus', faults.loseStatus ? 'yes' : 'no'), label: 'Lost status', options: lost })}
${numbers(['clockOffsetMs', 'eventDelayMs'])}
</div><p><button class="main">Set these faults</button></p></form>`;
}

function chosenKind(match: WriteMatch, only: 'create' | undefined): string {
  if (match === true) return only ?? 'all';
  if (match === false) return 'none';
  if (typeof match === 'function' || Object.keys(match).join() !== 'kind') return AS_IT_IS;
  return match.kind ?? AS_IT_IS;
}

/** Without the noise of binary fractions: 0.07 ÷ 0.01 is 7. */
const tidy = (number: number) => Math.round(number * 1000) / 1000;
