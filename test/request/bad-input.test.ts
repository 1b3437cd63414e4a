import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_PEOPLE } from '../../src/sandbox/demo-organization.ts';
import type { TestClient } from '../support/client.ts';
import { DEVELOPMENT, fields, useStage } from './stage.ts';

const shared = useStage();
const people = {} as Record<'lena' | 'priya' | 'auditor', TestClient>;

beforeAll(async () => {
  const { signIn } = shared.stage;
  people.lena = await signIn(DEMO_PEOPLE.requester);
  people.priya = await signIn(DEMO_PEOPLE.approver);
  people.auditor = await signIn(DEMO_PEOPLE.auditor);
});

const ask = (form: Record<string, string>) => people.lena.post('/requests', fields(form));
const errorAt = (body: string, name: string) =>
  new RegExp(`id="field-${name}-error">(.*?)</p>`, 's').exec(body)?.[1] ?? '';

describe('B02 durations/dates', () => {
  it.each([
    ['0', 'at least one minute'],
    ['-1', 'at least one minute'],
    ['1e309', 'whole minutes'],
    ['-1e309', 'whole minutes'],
    ['NaN', 'whole minutes'],
    // One second more than the policy allows.
    ['240.0167', 'whole minutes'],
    ['241', 'for up to 4 h'],
    ['9007199254740993', 'whole minutes'],
    ['1000001', 'longer than anyone may ask for'],
  ])(
    'a duration of %s is refused at its field, also where no approval is needed',
    async (durationMinutes, sentence) => {
      for (const accountId of [fields().accountId ?? '', DEVELOPMENT]) {
        const answer = await ask({ accountId, durationMinutes });
        expect(answer.statusCode).toBe(422);
        expect(errorAt(answer.body, 'durationMinutes')).toContain(sentence);
      }
      expect(await shared.stage.count('requests')).toBe(0);
      expect(await shared.stage.count('grants')).toBe(0);
    },
  );

  it('what the form would not offer is refused at its field too: a guardrail, the portal, the offered durations', async () => {
    const { stage } = shared;
    const refusedFor = async (durationMinutes: string) => {
      const answer = await ask({ durationMinutes });
      return [answer.statusCode, errorAt(answer.body, 'durationMinutes')];
    };
    await stage.settings({ allowedDurationsMinutes: [30, 60] });
    expect(await refusedFor('45')).toEqual([
      422,
      expect.stringContaining('Choose one of these durations: 30 min, 1 h'),
    ]);
    await stage.settings({ maxDurationMinutes: 120 });
    expect(await refusedFor('121')).toEqual([422, expect.stringContaining('up to 2 h')]);
    await stage.guardrail(45);
    expect(await refusedFor('46')).toEqual([422, expect.stringContaining('up to 45 min')]);
    expect(await stage.count('requests')).toBe(0);
    expect((await ask({ durationMinutes: '45' })).statusCode).toBe(303);
  });

  it.each([
    ['2020-01-01T10:00', 'in the past'],
    ['2999-01-01T10:00', 'within the next 90 days'],
    ['2026-02-30T10:00', 'a day and a time'],
    ['99999-01-01T10:00', 'a day and a time'],
    ['2026-12-01', 'a day and a time'],
    ['0', 'a day and a time'],
  ])('a start at %s is refused at its field', async (startsAt, sentence) => {
    const answer = await ask({ startsAt });
    expect(answer.statusCode).toBe(422);
    expect(errorAt(answer.body, 'startsAt')).toContain(sentence);
  });

  it.each(['0', '-1', '1e309', '1.5', '121'])('an approval for %s minutes is refused at its field', async (minutes) => {
    const address = String((await ask({})).headers.location);
    const form = { comment: 'Fine.', version: '1', durationMinutes: minutes };
    const answer = await people.priya.post(`${address}/approval`, form);
    expect(answer.statusCode).toBe(422);
    expect(errorAt(answer.body, 'durationMinutes')).not.toBe('');
    expect(await shared.stage.count('decisions')).toBe(0);
  });
});

describe('B03 text', () => {
  it.each([
    ['a right-to-left override', 'Repair \u202Etneilc eht\u202C run of today'],
    ['zero-width characters', 'Re\u200Bpair the\u200D stuck\uFEFF run'],
    ['emoji, joined ones too', '👩‍👩‍👧‍👦🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥 repair'],
    ['2,000 characters outside the basic plane', '𝕏'.repeat(1000)],
    ['markup and a line that looks like a log', 'Repair\r\n{"level":"fatal","msg":"<script>alert(1)</script>"}'],
  ])('%s is kept as it is and shown escaped', async (_, justification) => {
    const answer = await ask({ justification, ticket: '\u202ECHG\u200B-7' });
    expect(answer.statusCode).toBe(303);
    const stored = await shared.stage.context.db.prisma.request.findFirstOrThrow();
    expect(stored.justification).toBe(justification.replaceAll('\r\n', '\n'));
    const page = await people.priya.get(String(answer.headers.location));
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toContain('<script>alert');
    expect((await people.auditor.get('/audit/approvals.csv')).statusCode).toBe(200);
  });

  it.each([
    ['nothing but zero-width characters', '\u200B'.repeat(40)],
    ['five emoji, which are ten halves', '😀'.repeat(5)],
    ['spaces between zero-width characters', `\u200B${' '.repeat(20)}\u200B`],
    ['joined emoji, whose joints do not count', '👩‍👩‍👧‍👦'],
  ])('%s are too little of a justification', async (_, justification) => {
    const answer = await ask({ justification });
    expect(answer.statusCode).toBe(422);
    expect(errorAt(answer.body, 'justification')).toContain('Write at least 10 characters.');
  });

  it('a comment that cannot be seen is none', async () => {
    const address = String((await ask({})).headers.location);
    const answer = await people.priya.post(`${address}/rejection`, { comment: '\u200B\u2060 \u200D', version: '1' });
    expect(answer.statusCode).toBe(422);
    expect(errorAt(answer.body, 'comment')).toContain('Say in a few words why');
  });

  it.each([
    ['justification', 2001, 'at most 2000 characters'],
    ['ticket', 101, 'at most 100 characters'],
  ])(
    '%s of %i characters is refused at its field, and what was typed is there again',
    async (name, length, sentence) => {
      const answer = await ask({ [name]: 'x'.repeat(length) });
      expect(answer.statusCode).toBe(422);
      expect(errorAt(answer.body, name)).toContain(sentence);
      expect(answer.body).toContain('x'.repeat(50));
    },
  );

  it('10 MB are refused before they are read', async () => {
    const answer = await ask({ justification: 'x'.repeat(10_000_000) });
    expect(answer.statusCode).toBe(413);
    expect(answer.body.length).toBeLessThan(100_000);
    expect(await shared.stage.count('requests')).toBe(0);
  });

  it('lines of the log stay one line each, whatever is in them', async () => {
    const evil = 'a\r\n{"level":"fatal","msg":"forged"}\u2028\u0085\u001b[2Jb';
    const script = `
      import { createLog } from './src/platform/log.ts';
      const log = createLog('info');
      const evil = ${JSON.stringify(evil)};
      log.warn({ requestId: evil, [evil]: evil, err: new Error(evil) }, evil);
      log.error({ req: { url: evil, headers: { 'user-agent': evil } } }, 'second');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', script]);
    const lines = stdout.split('\n').filter((line) => line !== '');
    expect(lines).toHaveLength(2);
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ level: 'warn', msg: evil, requestId: evil });
    expect(second).toMatchObject({ level: 'error', msg: 'second' });
    expect(stdout).not.toContain('\r');
    expect(stdout).not.toContain('\u001b');
  });
});
