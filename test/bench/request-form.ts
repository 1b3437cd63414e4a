import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import pg from 'pg';
import { overHttp, signIn, TestClient } from '../support/client.ts';
import { startPortalProcess, untilReady } from '../support/process.ts';
import { busyPerson, fillDirectory, fillPolicies, groupsNamedBy, largeOrganization } from './large-organization.ts';
import { drawFrom, largePolicies } from './large-policies.ts';
import { percentile, setStage } from './stage.ts';

const A_SECOND = 50;
const SECONDS = 30;
const WARM_UP = 200;

/** One after the other, over and over: what a person does at the form, with most of it typing. */
const MIX = [
  'form',
  'accounts',
  'accounts',
  'roles',
  'verdict',
  'accounts',
  'accounts',
  'roles',
  'verdict',
  'chosen',
] as const;
type Kind = (typeof MIX)[number] | 'floor';

/**
 * The request form of a person in 200 groups in the large organization: the page, empty and filled in, each keystroke
 * in the lists of accounts and roles, and the verdict. Fifty a second for half a minute, each sent when it is due
 * whether others were answered or not, and measured from then until its last byte. The floor, between them: /healthz,
 * which asks nothing of anyone.
 */
export async function requestForm(): Promise<string> {
  const organization = largeOrganization();
  const { user, groupIds } = busyPerson(organization);
  const policies = largePolicies(organization, groupIds);
  await using stage = await setStage({ organization, delayMs: 0 });
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
  await fillDirectory(pool, organization, groupsNamedBy(policies));
  await fillPolicies(pool, policies);
  await pool.end();
  const environment = { ...stage.environment, ADMIN_GROUPS: organization.groups[0]?.id ?? '' };
  // Pages only: what the queues do has benchmarks of its own.
  await using portal = await startPortalProcess(environment, ['--role', 'web']);
  await untilReady(portal);
  const client = await signIn(new TestClient(overHttp(stage.baseUrl)), user.userName);
  const addresses = await addressesFor(client);

  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const get = (path: string) => timed(agent, new URL(path, stage.baseUrl), cookie);
  for (let index = 0; index < WARM_UP; index += 1) await get(addresses(kindAt(index)));

  const times = new Map<Kind, number[]>([...MIX, 'floor' as const].map((kind) => [kind, []]));
  const pending: Promise<void>[] = [];
  const send = async (kind: Kind, dueAt: number) => {
    await get(addresses(kind));
    times.get(kind)?.push(performance.now() - dueAt);
  };
  const usedBefore = await processorMs(portal.child.pid ?? 0);
  const began = performance.now();
  for (let index = 0; index < A_SECOND * SECONDS; index += 1) {
    const dueAt = began + (index * 1000) / A_SECOND;
    const early = dueAt - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    // A timer is up to a millisecond late: that is this program's doing, not the portal's.
    pending.push(send(kindAt(index), performance.now()));
    if (index % 10 === 0) pending.push(send('floor', performance.now()));
  }
  await Promise.all(pending);
  const seconds = (performance.now() - began) / 1000;
  const used = (await processorMs(portal.child.pid ?? 0)) - usedBefore;
  agent.destroy();

  const all = [...times].filter(([kind]) => kind !== 'floor').flatMap(([, list]) => list);
  console.table(
    Object.fromEntries([...times, ['all but the floor', all] as const].map(([kind, list]) => [kind, summary(list)])),
  );
  console.log(`the portal used ${(used / all.length).toFixed(1)} ms of processor time for each request`);
  const rps = Math.round(all.length / seconds);
  return `request-form p95_ms=${summary(all).p95_ms} rps=${rps}`;
}

/** The processor time that the process has used so far, as Linux tells it: in hundredths of a second. */
async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function kindAt(index: number): Kind {
  return MIX[index % MIX.length] ?? 'form';
}

/** Addresses as the form's own requests have them, drawn from what is offered to the person. */
async function addressesFor(client: TestClient): Promise<(kind: Kind) => string> {
  const draw = drawFrom(5);
  const valuesAt = async (path: string) => {
    const { body } = await client.get(path, { 'hx-request': 'true' });
    return [...body.matchAll(/data-value="([^"]+)"/g)].map((match) => match[1] ?? '');
  };
  const accounts = await valuesAt('/requests/new/accounts?q=');
  const pairs: { accountId: string; permissionSetArn: string }[] = [];
  for (const accountId of accounts) {
    const roles = await valuesAt(`/requests/new/roles?q=&accountId=${accountId}`);
    pairs.push(...roles.map((permissionSetArn) => ({ accountId, permissionSetArn })));
  }
  if (pairs.length === 0) throw new Error('nothing is offered to the person');
  const words = ['payments', 'production', '6000000', 'ledger', 'sandbox 1', 'data'];
  const typed = () => draw.one(words).slice(0, draw.one([1, 2, 3, 5, 8]));
  return (kind) => {
    const { accountId, permissionSetArn } = draw.one(pairs);
    const chosen = new URLSearchParams({ accountId, permissionSetArn, rolesOf: accountId, durationMinutes: '60' });
    switch (kind) {
      case 'floor':
        return '/healthz';
      case 'form':
        return '/requests/new';
      case 'chosen':
        return `/requests/new?${chosen}`;
      case 'verdict':
        return `/requests/new/verdict?${chosen}`;
      case 'accounts':
        return `/requests/new/accounts?${new URLSearchParams({ q: typed() })}`;
      case 'roles':
        return `/requests/new/roles?${new URLSearchParams({ accountId, q: typed().slice(0, 2) })}`;
    }
  };
}

/** Gets the page as a browser does, to its last byte. */
function timed(agent: Agent, address: URL, cookie: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      cookie,
      'accept-encoding': 'br, gzip',
      'hx-request': address.pathname.split('/').length > 3 ? 'true' : 'false',
    };
    request(address, { agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${address.pathname} gave ${response.statusCode}`));
      response.on('error', reject).on('end', resolve).resume();
    })
      .on('error', reject)
      .end();
  });
}

function summary(times: readonly number[]) {
  const round = (ms: number) => Math.round(ms * 10) / 10;
  const list = [...times];
  return {
    n: list.length,
    p50_ms: round(percentile(list, 0.5)),
    p95_ms: round(percentile(list, 0.95)),
    max_ms: round(Math.max(...list)),
  };
}
