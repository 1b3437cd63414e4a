import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, TestClient } from '../../support/client.ts';

/** Somebody at a browser, who tries again where the page says that something is away. */
export interface Person {
  userId: string;
  client: TestClient;
}

export interface Ask {
  accountId: string;
  permissionSetArn: string;
  durationMinutes: number;
  startsAt?: string;
}

/** What a request's story needs: its people, and a role that needs an approval or does not. */
export interface Scene {
  requester: Person;
  approver: Person;
  ask: Ask;
}

const PATIENCE_MS = 240_000;

/** Sends until the portal takes it or says that it is too late for it: people press the button again. */
async function insist(send: () => Promise<Answer>, taken: readonly number[]): Promise<Answer> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await send().catch(() => null);
    if (answer !== null && taken.includes(answer.statusCode)) return answer;
    if (performance.now() > giveUpAt) {
      throw new Error(`It was not taken within four minutes: ${answer?.statusCode} ${answer?.body.slice(0, 300)}`);
    }
    await sleep(500 + Math.random() * 1_000);
  }
}

/** Gives the new request's ID. The same form is sent again where no answer came: it is one request all the same. */
async function ask({ requester, ask: wish }: Scene): Promise<string> {
  const fields = {
    accountId: wish.accountId,
    permissionSetArn: wish.permissionSetArn,
    durationMinutes: String(wish.durationMinutes),
    startsAt: wish.startsAt ?? '',
    justification: 'The chaos benchmark asks for it.',
    formKey: randomUUID(),
  };
  const answer = await insist(() => requester.client.post('/requests', fields), [303]);
  return String(answer.headers.location).split('/').at(-1) ?? '';
}

/** 409: it moved on, be it by an earlier try whose answer was lost. */
const post = (person: Person, path: string, fields: Record<string, string>) =>
  insist(() => person.client.post(path, fields), [303, 409]);

const approve = (by: Person, id: string) => post(by, `/requests/${id}/approval`, { version: '1', comment: 'Go.' });

async function untilStatus(
  { client }: Person,
  id: string,
  wanted: readonly string[],
  seconds: number,
): Promise<boolean> {
  const giveUpAt = performance.now() + seconds * 1_000;
  while (performance.now() < giveUpAt) {
    const page = await client.get(`/requests/${id}`).catch(() => null);
    const status = /data-status="([^"]+)"/.exec(page?.body ?? '')?.[1];
    if (status !== undefined && wanted.includes(status)) return true;
    await sleep(1_000);
  }
  return false;
}

/** Every kind of request: each makes one or more, and says how many. */
export const STORIES: Record<string, (scene: Scene) => Promise<number>> = {
  async approved(scene) {
    await approve(scene.approver, await ask(scene));
    return 1;
  },
  async rejected(scene) {
    await post(scene.approver, `/requests/${await ask(scene)}/rejection`, { version: '1', comment: 'No.' });
    return 1;
  },
  async cancelled(scene) {
    await post(scene.requester, `/requests/${await ask(scene)}/cancellation`, { comment: '' });
    return 1;
  },
  async 'approved and cancelled at once'(scene) {
    const id = await ask(scene);
    await Promise.all([
      approve(scene.approver, id),
      post(scene.requester, `/requests/${id}/cancellation`, { comment: '' }),
    ]);
    return 1;
  },
  async 'ended early'(scene) {
    const id = await ask(scene);
    await approve(scene.approver, id);
    await untilStatus(scene.requester, id, ['active', 'ended', 'failed'], 90);
    await post(scene.requester, `/requests/${id}/revocation`, { comment: '' });
    return 1;
  },
  async 'revoked while it is given'(scene) {
    const id = await ask(scene);
    await approve(scene.approver, id);
    await post(scene.approver, `/requests/${id}/revocation`, { comment: 'Not now.' });
    return 1;
  },
  async extended(scene) {
    const id = await ask(scene);
    await approve(scene.approver, id);
    if (!(await untilStatus(scene.requester, id, ['active'], 90))) return 1;
    const answer = await insist(
      () =>
        scene.requester.client.post(`/requests/${id}/extension`, {
          durationMinutes: '1',
          comment: 'A little longer, please.',
          formKey: randomUUID(),
        }),
      [303, 409, 422],
    );
    if (answer.statusCode !== 303) return 1;
    await approve(scene.approver, String(answer.headers.location).split('/').at(-1) ?? '');
    return 2;
  },
  async 'for later'(scene) {
    const startsAt = new Date(Date.now() + 60_000).toISOString().slice(0, 16);
    await approve(scene.approver, await ask({ ...scene, ask: { ...scene.ask, startsAt } }));
    return 1;
  },
  async 'twice the same'(scene) {
    const longer = { ...scene, ask: { ...scene.ask, durationMinutes: scene.ask.durationMinutes + 1 } };
    const ids = await Promise.all([ask(scene), ask(longer)]);
    await Promise.all(ids.map((id) => approve(scene.approver, id)));
    return 2;
  },
};
