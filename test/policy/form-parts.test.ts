import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyButton } from '../../src/policy/form/draft.ts';
import { many } from '../../src/policy/form/field-values.ts';
import {
  approvalFields,
  eligibilityFields,
  looseApproval,
  looseEligibility,
  without,
} from '../../src/policy/form/fields.ts';
import { readApproval, readEligibility, readGuardrail } from '../../src/policy/form/form.ts';
import { momentFields, readMoment } from '../../src/policy/form/moments.ts';
import { changeSteps, MOST_STEPS, stepsOf, withSteps } from '../../src/policy/form/steps.ts';
import { Names } from '../../src/policy/names.ts';
import { approval, eligibility } from './samples.ts';

const BERLIN = 'Europe/Berlin';
const step = (approvers: string[], approvalsNeeded = '1') => ({ approvers, approvalsNeeded, query: '' });
const named = (fields: Record<string, string | string[]>) => stepsOf(fields).map((each) => each.approvers.join());

describe('steps of a form', () => {
  const three = withSteps({}, [step(['GROUP:a']), step(['GROUP:b'], '2'), step(['USER:c'], '3')]);

  test('have plain field names: the first as scripts know it, the others with their number', () => {
    expect(three).toMatchObject({
      approvers: ['GROUP:a'],
      approvers2: ['GROUP:b'],
      approvalsNeeded2: '2',
      approvers3: ['USER:c'],
      approvalsNeeded3: '3',
    });
  });

  test('are added, removed and moved by the buttons, and none is lost', () => {
    const pressed = (action: string) => named(withSteps(three, changeSteps(stepsOf(three), action)));
    expect(pressed('add')).toEqual(['GROUP:a', 'GROUP:b', 'USER:c', '']);
    expect(pressed('remove:2')).toEqual(['GROUP:a', 'USER:c']);
    expect(pressed('up:3')).toEqual(['GROUP:a', 'USER:c', 'GROUP:b']);
    expect(pressed('down:1')).toEqual(['GROUP:b', 'GROUP:a', 'USER:c']);
    for (const nothing of ['up:1', 'down:3', 'remove:9', 'remove:x', 'nonsense', '']) {
      expect(pressed(nothing), nothing).toEqual(['GROUP:a', 'GROUP:b', 'USER:c']);
    }
  });

  test('are one at least and five at most', () => {
    const one = withSteps({}, [step(['GROUP:a'])]);
    expect(changeSteps(stepsOf(one), 'remove:1')).toHaveLength(1);
    const five = withSteps(
      {},
      Array.from({ length: MOST_STEPS }, () => step(['GROUP:a'])),
    );
    expect(changeSteps(stepsOf(five), 'add')).toHaveLength(MOST_STEPS);
    expect(stepsOf({})).toHaveLength(1);
  });

  test('keep what was typed into their number although it is none', () => {
    const fields = withSteps({}, changeSteps([step(['GROUP:a'], 'many'), step([], '')], 'down:1'));
    expect(fields).toMatchObject({ approvalsNeeded: '', approvers2: ['GROUP:a'], approvalsNeeded2: 'many' });
  });

  test('that are wrong have their sentence at their own field', () => {
    const fields = { name: 'x', targets: 'OU:r', approvers: 'GROUP:a', approvalsNeeded: '1', approvalsNeeded2: '0' };
    const read = readApproval(fields, 'UTC');
    expect(read.ok ? [] : Object.keys(read.errors).sort()).toEqual(['approvalsNeeded2', 'approvers2']);
  });
});

test('an end before the start is told together with all else that is wrong', () => {
  const read = readEligibility({ startsAt: '2026-11-22T14:00', endsAt: '2026-11-22T13:00' }, BERLIN);
  const errors = read.ok ? {} : read.errors;
  expect(errors.endsAt).toContain('The end comes before the start.');
  expect(Object.keys(errors)).toEqual(expect.arrayContaining(['name', 'principals', 'targets', 'endsAt']));
});

describe('a day and time of a form', () => {
  test('is local to the zone, or has its own offset', () => {
    expect(readMoment('2026-11-22T14:00', '', BERLIN).at).toEqual(new Date('2026-11-22T13:00:00Z'));
    expect(readMoment('2026-11-22T14:00+02:00', '', BERLIN).at).toEqual(new Date('2026-11-22T12:00:00Z'));
    expect(readMoment(' ', '', BERLIN)).toEqual({ at: null, error: '', choices: [] });
  });

  test('that the clocks jump over is refused', () => {
    const { at, error } = readMoment('2026-03-29T02:30', '', BERLIN);
    expect([at, error]).toEqual([null, expect.stringContaining('does not exist')]);
  });

  test('that the clocks pass twice asks which, and takes the one that is chosen', () => {
    const asked = readMoment('2026-10-25T02:30', '', BERLIN);
    expect(asked.error).toContain('twice');
    expect(asked.choices.map(({ value }) => value)).toEqual(['+02:00', '+01:00']);
    expect(readMoment('2026-10-25T02:30', '+01:00', BERLIN)).toMatchObject({
      at: new Date('2026-10-25T01:30Z'),
      error: '',
    });
  });

  test.each(['soon', '2026-02-30T10:00', '0000-01-01T00:00', '3001-01-01T00:00'])('%s is refused', (typed) => {
    expect(readMoment(typed, '', BERLIN)).toMatchObject({ at: null, error: expect.stringMatching(/./) });
  });

  test('comes out of the form as it went in, also in the hours that come twice', () => {
    const minutes = fc.integer({ min: Date.UTC(2026, 9, 24) / 60_000, max: Date.UTC(2026, 9, 26) / 60_000 });
    fc.assert(
      fc.property(minutes, fc.constantFrom(BERLIN, 'UTC', 'America/New_York'), (minute, zone) => {
        const at = new Date(minute * 60_000);
        const { local, offset } = momentFields(at, zone);
        expect(readMoment(local, offset, zone).at).toEqual(at);
      }),
    );
  });
});

describe('a form filled with a policy', () => {
  const dates = { startsAt: new Date('2026-10-25T01:30:00Z'), endsAt: new Date('2027-01-01T00:00:00Z') };

  test('says the same when it is read again', () => {
    const policy = eligibility({ ...dates, exclusions: ['ACCOUNT:1'], enabled: false, permissionSets: ['arn:x'] });
    const { id: _, version: __, ...content } = policy;
    const fields = eligibilityFields(content, BERLIN);
    expect(readEligibility(fields, BERLIN)).toEqual({ ok: true, content });
    expect(looseEligibility(fields, BERLIN)).toEqual(content);
  });

  test('keeps all steps of an approval policy', () => {
    const steps = [
      { approvers: ['GROUP:leads'], approvalsNeeded: 2 },
      { approvers: ['USER:ben'], approvalsNeeded: 1 },
      { approvers: ['GROUP:ops', 'USER:ana'], approvalsNeeded: 1 },
    ];
    const { id: _, version: __, ...content } = approval({ ...dates, steps });
    const fields = approvalFields(content, BERLIN);
    expect(readApproval(fields, BERLIN)).toEqual({ ok: true, content });
    expect(looseApproval(fields, BERLIN)).toEqual(content);
  });

  test('loses what no longer exists on demand, in every field and step', () => {
    const fields = {
      principals: ['GROUP:x', 'USER:a'],
      requesterGroups: ['x'],
      approvers2: ['GROUP:x', 'GROUP:y'],
      name: 'x',
    };
    const { fields: left, kept } = without(fields, (ref) => ref === 'GROUP:x', []);
    expect(many(left, 'principals')).toEqual(['USER:a']);
    expect(many(left, 'requesterGroups')).toEqual([]);
    expect(many(left, 'approvers2')).toEqual(['GROUP:y']);
    expect(kept).toEqual([]);
    expect(left.name).toBe('x');
  });

  const nobody = new Names([]);
  const someone = new Names([
    { ref: 'GROUP:there', kind: 'group', name: 'There', detail: '', known: true },
    { ref: 'arn:there', kind: 'role', name: 'There', detail: '', known: true },
  ]);

  test.each([
    ['approval', 'requesterGroups', ['a', 'gone'], 'would mean requests by anyone'],
    ['approval', 'permissionSets', ['arn:a', 'arn:gone'], 'would mean all roles'],
    ['guardrail', 'permissionSets', ['arn:a', 'arn:gone'], 'would mean all roles'],
    ['guardrail', 'targets', ['ACCOUNT:a', 'OU:gone'], 'would mean everywhere'],
  ] as const)(
    'of a kind %s never has its %s emptied by that, which would take everything',
    (kind, list, stale, says) => {
      const pressed = applyButton(kind, { takeOut: 'stale', [list]: [...stale] }, nobody);
      expect(many(pressed.fields, list)).toEqual(stale.slice(-1));
      expect(pressed.errors).toEqual({ [list]: expect.stringContaining(says) });
    },
  );

  test('has those lists cleared of what is gone while something is left, and all others wholly', () => {
    const fields = { takeOut: 'stale', requesterGroups: ['gone', 'there'], permissionSets: ['arn:there', 'arn:gone'] };
    expect(applyButton('approval', { ...fields, exclusions: 'OU:gone', targets: 'OU:gone' }, someone)).toEqual({
      fields: {
        takeOut: 'stale',
        requesterGroups: ['there'],
        permissionSets: ['arn:there'],
        exclusions: [],
        targets: [],
      },
      errors: {},
    });
    expect(applyButton('approval', { takeOut: 'stale' }, nobody)).toEqual({ fields: { takeOut: 'stale' }, errors: {} });
    expect(applyButton('eligibility', { takeOut: 'stale', permissionSets: 'arn:gone' }, nobody)).toEqual({
      fields: { takeOut: 'stale', permissionSets: [] },
      errors: {},
    });
  });
});

describe('fields that scripts do not know', () => {
  const old = { name: 'x', targets: 'OU:r', principals: 'USER:a', permissionSets: 'arn:x', maxDurationMinutes: '60' };

  test('are as they always were: in force, without dates and exceptions', () => {
    const read = readEligibility(old, 'UTC');
    expect(read).toMatchObject({ ok: true, content: { enabled: true, startsAt: null, endsAt: null, exclusions: [] } });
    expect(looseEligibility(old, 'UTC').enabled).toBe(true);
  });

  test.each(['false', ''])('switch a policy off only where the state is sent as %j', (enabled) => {
    expect(readEligibility({ ...old, enabled }, 'UTC')).toMatchObject({ ok: true, content: { enabled: false } });
  });
});

test('a guardrail without a duration of its own has none', () => {
  for (const maxDurationMinutes of ['', ' ']) {
    expect(readGuardrail({ name: 'x', maxDurationMinutes })).toMatchObject({
      ok: true,
      content: { maxDurationMinutes: null },
    });
  }
  expect(readGuardrail({ name: 'x', maxDurationMinutes: '30' })).toMatchObject({ content: { maxDurationMinutes: 30 } });
  expect(readGuardrail({ name: 'x', maxDurationMinutes: '0' })).toMatchObject({ ok: false });
});
