import type { FastifyInstance, LightMyRequestResponse } from 'fastify';

type Fields = Record<string, string | string[]>;

/** A browser, as far as a server can tell: keeps cookies, sends forms with the token that the pages carry. */
export class TestClient {
  readonly cookies = new Map<string, string>();
  readonly #app: FastifyInstance;
  #csrf: string | undefined;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    return this.#send({ method: 'GET', url, headers });
  }

  /** Posts a form as our own page would: same origin, with the session's token. */
  async post(url: string, fields: Fields = {}, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
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
    if (this.#csrf === undefined) {
      const page = await this.get('/');
      this.#csrf = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    }
    return this.#csrf;
  }

  async #send(options: { method: 'GET' | 'POST'; url: string; headers: Record<string, string>; payload?: string }) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#app.inject({
      ...options,
      headers: { host: 'localhost:3000', ...(cookie ? { cookie } : {}), ...options.headers },
    });
    for (const { name, value, maxAge, expires } of response.cookies) {
      const gone = maxAge === 0 || (expires !== undefined && expires.getTime() <= Date.now());
      if (gone) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}

/** The values of the hidden fields and text areas that a form of this page would send, by name. */
export function hiddenFields(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [tag] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(tag)?.[1];
    const value = /value="([^"]*)"/.exec(tag)?.[1] ?? '';
    if (name) fields[name] = unescapeHtml(value);
  }
  return fields;
}

export function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#x27;', "'")
    .replaceAll('&#43;', '+')
    .replaceAll('&amp;', '&');
}
