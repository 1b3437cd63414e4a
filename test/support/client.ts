import type { FastifyInstance } from 'fastify';

type Fields = Record<string, string | string[]>;

export interface Answer {
  statusCode: number;
  headers: Record<string, string | string[] | number | undefined>;
  body: string;
}

interface Call {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  payload?: string;
}

/** How a client reaches its portal. */
export type Transport = (call: Call) => Promise<Answer>;

/** Without a socket, straight into the portal of this process. */
export function injected(app: FastifyInstance): Transport {
  return (call) => app.inject({ ...call, headers: { host: 'localhost:3000', ...call.headers } });
}

/** Over HTTP, to a portal in another process. */
export function overHttp(baseUrl: string): Transport {
  return async ({ method, url, headers, payload }) => {
    const response = await fetch(new URL(url, baseUrl), { method, headers, body: payload, redirect: 'manual' });
    return {
      statusCode: response.status,
      headers: { ...Object.fromEntries(response.headers), 'set-cookie': response.headers.getSetCookie() },
      body: await response.text(),
    };
  };
}

/** A browser, as far as a server can tell: keeps cookies, sends forms with the token that the pages carry. */
export class TestClient {
  readonly cookies = new Map<string, string>();
  readonly #transport: Transport;
  #csrf: string | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#send({ method: 'GET', url, headers });
  }

  /** Posts a form as our own page would: same origin, with the session's token. */
  async post(url: string, fields: Fields = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries({ _csrf: await this.csrf(), ...fields })) {
      for (const each of [value].flat()) form.append(name, each);
    }
    return this.#send({
      method: 'POST',
      url,
      payload: form.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers },
    });
  }

  /** The session's token, as a page shows it; empty without a session. */
  async csrf(): Promise<string> {
    if (!this.#csrf) {
      const page = await this.get('/');
      this.#csrf = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    }
    return this.#csrf;
  }

  async #send(call: Call): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.#transport({ ...call, headers: { ...(cookie ? { cookie } : {}), ...call.headers } });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) this.#keep(String(line));
    return answer;
  }

  #keep(setCookie: string): void {
    const [pair = '', ...attributes] = setCookie.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const expires = attributes.find((each) => /^expires=/i.test(each))?.slice(8);
    const gone = attributes.some((each) => /^max-age=0$/i.test(each)) || (expires && Date.parse(expires) <= Date.now());
    if (gone || value === '') this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** Signs in by SAML: to the identity provider's page, choosing the person there, and back with the signed answer. */
export async function signIn(client: TestClient, userName: string, returnTo = '/'): Promise<TestClient> {
  const login = await client.get(`/login?returnTo=${encodeURIComponent(returnTo)}`);
  const chooser = await fetch(String(login.headers.location));
  const chosen = await fetch(new URL('/saml/sign-in', chooser.url), {
    method: 'POST',
    body: new URLSearchParams({ ...hiddenFields(await chooser.text()), userId: userName }),
  });
  const { SAMLResponse = '', ...rest } = hiddenFields(await chosen.text());
  const landed = await client.post(
    '/saml/acs',
    { SAMLResponse, ...rest },
    { origin: new URL(chooser.url).origin, 'sec-fetch-site': 'cross-site' },
  );
  if (landed.statusCode === 303) return client;
  throw new Error(`${userName} could not sign in: ${landed.statusCode} ${landed.body.slice(0, 500)}`);
}

/** The hidden fields of a page's forms, by name. */
function hiddenFields(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [tag] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1];
    if (name) fields[name] = unescapeHtml(/value="([^"]*)"/.exec(tag)?.[1] ?? '');
  }
  return fields;
}

function unescapeHtml(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&', apos: "'" };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return named[name] ?? whole;
  });
}
