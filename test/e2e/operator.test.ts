import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { demoOrganization } from '../../src/sandbox/demo-organization.ts';
import { freePort } from '../../src/sandbox/embedded-postgres.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { overHttp, TestClient } from '../support/client.ts';
import { runToEnd, startPortalProcess, untilReady } from '../support/process.ts';
import { ACCESS, approve, ask, createEstate, type Estate } from './estate.ts';

const PATIENT = { timeout: 30_000, interval: 100 };

/** From sign-in to the assignment, as people see it. */
async function doTheJob(estate: Estate): Promise<void> {
  const lena = await estate.signIn('requester');
  const id = await ask(lena);
  await approve(await estate.signIn('approver'), id);
  await estate.sandbox.assignments.waitFor(ACCESS, 'present', 30_000);
  await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('active');
}

describe('a portal that is started from nothing but its environment', () => {
  test('becomes ready, does the job, and ends on SIGTERM; the next process finishes what it left', async () => {
    await using estate = await createEstate();
    await using first = await estate.start();
    const stranger = new TestClient(overHttp(estate.url));
    expect((await stranger.get('/healthz')).body).toBe('ok\n');
    expect((await stranger.get('/metrics')).statusCode).toBe(200);
    await estate.furnish();

    // AWS is asked, and does not finish.
    const { sandbox } = estate;
    sandbox.faults.stuck = true;
    const lena = await estate.signIn('requester');
    const id = await ask(lena);
    await approve(await estate.signIn('approver'), id);
    await expect.poll(() => sandbox.calls.count('DescribeAccountAssignmentCreationStatus'), PATIENT).toBeGreaterThan(0);
    expect(await estate.statusOf(lena, id)).toBe('activating');

    first.child.kill('SIGTERM');
    const ended = AbortSignal.timeout(25_000);
    ended.onabort = () => first.child.kill('SIGKILL');
    expect(await first.exited, first.output()).toBe(0);

    sandbox.faults.stuck = false;
    await using _second = await estate.start();
    await expect.poll(() => estate.statusOf(lena, id), PATIENT).toBe('active');
    expect(sandbox.assignments.has(ACCESS)).toBe(true);
    expect(sandbox.calls.count('CreateAccountAssignment')).toBe(1);
  }, 120_000);

  test('may be split into a process for pages and one for work', async () => {
    await using estate = await createEstate();
    await using web = await estate.start({}, ['--role', 'web']);
    const port = String(await freePort());
    await using worker = await startPortalProcess({ ...estate.environment, PORT: port }, ['--role', 'worker']);
    await untilReady({ ...worker, url: `http://localhost:${port}` });
    await estate.furnish();
    await doTheJob(estate);

    for (const { child } of [web, worker]) child.kill('SIGTERM');
    expect(await Promise.all([web.exited, worker.exited])).toEqual([0, 0]);
  }, 120_000);

  test('takes its secrets from files', async () => {
    await using estate = await createEstate();
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { DATABASE_URL = '', SESSION_SECRET = '', ...rest } = estate.environment;
    await writeFile(join(folder, 'database'), `${DATABASE_URL}\n`);
    await writeFile(join(folder, 'secret'), `${SESSION_SECRET}\n`);
    const files = { DATABASE_URL_FILE: join(folder, 'database'), SESSION_SECRET_FILE: join(folder, 'secret') };
    const migrated = await runToEnd(['migrate'], { ...rest, ...files });
    expect(migrated).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a process that cannot be right', () => {
  const HEAD = 'Latchkey cannot start with this configuration:';

  /** Runs it and gives the sentences on standard error; there is nothing else, anywhere. */
  async function mistakes(environment: Record<string, string>, args: string[] = []): Promise<string[]> {
    const { code, stdout, stderr } = await runToEnd(args, environment);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    const [head, ...lines] = stderr.trimEnd().split('\n');
    expect(head).toBe(HEAD);
    for (const line of lines) expect(line).toMatch(/^ {2}- \S.*\.$/);
    return lines.map((line) => line.slice(4));
  }

  test('says what is missing, one sentence each', async () => {
    const found = await mistakes({});
    expect(found.map((each) => /^Set (\w+)/.exec(each)?.[1])).toEqual([
      'BASE_URL',
      'DATABASE_URL',
      'SESSION_SECRET',
      'ADMIN_GROUPS',
      'ACCESS_PORTAL_URL',
      'AWS_REGION',
      'SAML_METADATA_FILE',
    ]);
  });

  test('says what contradicts itself, one sentence each', async () => {
    const found = await mistakes({
      BASE_URL: 'http://latchkey.example.com',
      DATABASE_URL: 'postgres://latchkey@localhost/latchkey',
      DATABASE_URL_FILE: '/run/secrets/database-url',
      SESSION_SECRET: 'short',
      SAML_METADATA_FILE: '/etc/latchkey/metadata.xml',
      SAML_METADATA_URL: 'https://portal.example.com/metadata',
      ADMIN_GROUPS: 'Latchkey Admins',
      ACCESS_PORTAL_URL: 'https://example.awsapps.com/start',
      AWS_REGION: 'eu-west-1',
      SMTP_URL: 'smtp://mail.example.com',
      TRUST_PROXY: '1',
    });
    expect(found.sort()).toEqual([
      'BASE_URL may be plain http on loopback only; use https.',
      'SESSION_SECRET must have at least 32 characters.',
      'Set MAIL_FROM: the address that mail comes from, because SMTP_URL is set.',
      'Set either DATABASE_URL or DATABASE_URL_FILE, not both.',
      'Set either SAML_METADATA_FILE or SAML_METADATA_URL, not both.',
      'TRUST_PROXY names the addresses of the proxies in front, like 10.0.0.0/8, comma separated.',
    ]);
  });

  test('says that its database does not answer', async () => {
    await using estate = await createEstate();
    const nowhere = { ...estate.environment, DATABASE_URL: 'postgres://latchkey@localhost:1/latchkey' };
    const { code, stdout, stderr } = await runToEnd([], nowhere);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Latchkey cannot go on: the database does not answer \(.+\)\. Look whether .+\.\n$/);
  });

  test('does not start on the database of another Identity Center', async () => {
    await using estate = await createEstate();
    await (await estate.start())[Symbol.asyncDispose]();
    const organization = { ...demoOrganization(), instanceArn: 'arn:aws:sso:::instance/ssoins-00000another0000' };
    await using another = await startSandbox({ organization, delayMs: 0 });
    const { code, stderr } = await runToEnd([], { ...estate.environment, ...another.environment });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `${HEAD}\n  - This database belongs to the Identity Center instance ${estate.sandbox.organization.instanceArn}, but the AWS credentials lead to ${organization.instanceArn}. Use the credentials that belong to it, or another database.\n`,
    );
  });

  test.each([['demo'], ['sandbox']])('does not start the %s where others can reach it', async (command) => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const environment = {
      NODE_ENV: 'production',
      BASE_URL: 'https://latchkey.example.com',
      DATA_DIR: folder,
      PORT: '0',
    };
    expect(await mistakes(environment, [command])).toEqual([
      'The sandbox lets anyone sign in as anyone: it does not start with NODE_ENV=production and a BASE_URL that others can reach.',
    ]);
    expect(await readdir(folder)).toEqual([]);
  });
});
