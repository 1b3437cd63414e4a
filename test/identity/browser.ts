import { inflateRawSync } from 'node:zlib';
import type { FastifyRequest, InjectOptions, LightMyRequestResponse } from 'fastify';
import { csrfToken } from '../../src/identity/index.ts';
import type { TestPortal } from './portal.ts';

/** A browser as far as cookies and the paths of a sign-in go. */
export class Browser {
  readonly cookies: Record<string, string> = {};
  readonly portal: TestPortal;
  address = '203.0.113.7';

  constructor(portal: TestPortal) {
    this.portal = portal;
  }

  async send(options: InjectOptions): Promise<LightMyRequestResponse> {
    const secure = this.portal.config.baseUrl.protocol === 'https:';
    const headers = { 'x-forwarded-for': this.address, 'x-forwarded-proto': secure ? 'https' : 'http' };
    const response = await this.portal.app.inject({
      ...options,
      headers: { ...headers, ...options.headers },
      cookies: { ...this.cookies },
    });
    for (const { name, value } of response.cookies) {
      if (value === '') delete this.cookies[name];
      else this.cookies[name] = value;
    }
    return response;
  }

  get(url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    return this.send({ method: 'GET', url, headers });
  }

  /** Starts a sign-in and gives the ID of the request that went to Identity Center. */
  async begin(returnTo = '/requests'): Promise<string> {
    const response = await this.get(`/login?returnTo=${encodeURIComponent(returnTo)}`);
    return requestIdOf(response);
  }

  /** Posts a response as Identity Center's page makes the browser do. */
  post(xml: string): Promise<LightMyRequestResponse> {
    return this.postForm(`SAMLResponse=${encodeURIComponent(Buffer.from(xml).toString('base64'))}`);
  }

  /** The session's cookie stays away, as it does when another site posts. */
  postForm(payload: string | Buffer, contentType = 'application/x-www-form-urlencoded') {
    const { 'saml-pre': plain, '__Host-saml-pre': secure } = this.cookies;
    const cookies = [plain && `saml-pre=${plain}`, secure && `__Host-saml-pre=${secure}`].filter(Boolean).join('; ');
    const headers = {
      'content-type': contentType,
      'sec-fetch-site': 'cross-site',
      ...(cookies ? { cookie: cookies } : {}),
    };
    return this.portal.app
      .inject({ method: 'POST', url: '/saml/acs', payload, headers: { ...headers, 'x-forwarded-proto': 'https' } })
      .then((response) => {
        for (const { name, value } of response.cookies) this.cookies[name] = value;
        return response;
      });
  }

  /** The whole way. */
  async signIn(nameId = 'Ana.Ruiz', returnTo = '/requests'): Promise<LightMyRequestResponse> {
    const inResponseTo = await this.begin(returnTo);
    return this.post(this.portal.idp.respond({ inResponseTo, nameId }));
  }
}

function requestIdOf(response: LightMyRequestResponse): string {
  const address = new URL(String(response.headers.location));
  return /ID="([^"]+)"/.exec(authnRequestOf(address))?.[1] ?? '';
}

export function authnRequestOf(address: URL): string {
  const request = Buffer.from(address.searchParams.get('SAMLRequest') ?? '', 'base64');
  return inflateRawSync(request).toString();
}

/** The token that our pages put into the forms of this browser's session. */
export function csrfOf({ cookies, portal }: Browser): string {
  const cookie = portal.identity.cookies.signer.unsign(cookies['__Host-latchkey'] ?? '').value ?? '';
  const request = { session: { userId: 'u', sessionId: cookie } } as unknown as FastifyRequest;
  return csrfToken(request, portal.config);
}
