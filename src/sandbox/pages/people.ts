import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Organization, SandboxUser } from '../organization.ts';
import type { SandboxServices } from '../services.ts';
import { type Html, html } from './html.ts';

/** Somebody worth trying first, and what they are: "approver for the workloads". */
export interface FeaturedPerson {
  userName: string;
  about: string;
}

const cookie = 'latchkey-sandbox-person';
const mostShown = 60;

/** The person who signed in last in this browser, if they still may. */
export function rememberedPerson(request: FastifyRequest, services: SandboxServices): SandboxUser | undefined {
  return enabledPerson(services, request.cookies[cookie]);
}

/** Remembers in the browser who signed in, for the access portal and to be offered first at the next sign-in. */
export function rememberPerson(reply: FastifyReply, user: SandboxUser): void {
  reply.setCookie(cookie, user.id, { path: '/', httpOnly: true, sameSite: 'lax' });
}

/** Forgets who signed in. */
export function forgetPerson(reply: FastifyReply): void {
  reply.clearCookie(cookie, { path: '/' });
}

/** The person with this ID or user name, unless they are disabled. */
export function enabledPerson({ organization }: SandboxServices, idOrName?: string): SandboxUser | undefined {
  if (!idOrName) return undefined;
  const user = organization.users.find(({ id, userName }) => id === idOrName || userName === idOrName);
  return user?.status === 'ENABLED' ? user : undefined;
}

/** What a page that lets one choose a person needs to know. */
export interface PeopleChoice {
  /** The form is posted here, a search goes to `searchAction`; both carry the hidden fields. */
  action: string;
  searchAction: string;
  hidden: Record<string, string>;
  query: string;
  last: SandboxUser | undefined;
  featured: readonly FeaturedPerson[];
}

/** The list of people to choose from: whoever signed in last, the featured ones, then everybody, with a search. */
export function peopleChooser({ organization }: SandboxServices, choice: PeopleChoice): Html {
  const { query, last, featured } = choice;
  const enabled = organization.users.filter(({ status }) => status === 'ENABLED');
  const about = new Map(featured.map((person) => [person.userName, person.about]));
  const first = enabled.filter(({ id, userName }) => about.has(userName) && id !== last?.id);
  const found = enabled.filter((user) => matches(user, query));
  const others = query ? found : found.filter(({ id, userName }) => !about.has(userName) && id !== last?.id);
  const unseen = others.length - mostShown;
  const list = (people: SandboxUser[]) =>
    html`<ul class="cards">${people.map((user) => {
      const groups = groupNames(organization, user.id);
      return html`<li><button class="person" name="userId" value="${user.id}"><b>${user.displayName}</b>
<span>${user.userName}</span>
<span class="quiet">${about.get(user.userName) ?? (groups.length > 0 ? groups.join(', ') : 'in no group')}</span>
</button></li>`;
    })}</ul>`;
  return html`<form method="post" action="${choice.action}">${hiddenFields(choice.hidden)}
${last && !query ? html`<h2>Signed in last</h2>${list([last])}` : ''}
${first.length > 0 && !query ? html`<h2>People to try</h2>${list(first)}` : ''}
</form>
<h2>${query ? `Found: ${found.length}` : 'Everybody'}</h2>
<form class="row" method="get" action="${choice.searchAction}">${hiddenFields(choice.hidden)}
<input type="search" name="q" value="${query}" aria-label="Search by name or e-mail" placeholder="Name or e-mail">
<button>Search</button></form>
<form method="post" action="${choice.action}">${hiddenFields(choice.hidden)}
${list(others.slice(0, mostShown))}</form>
${unseen > 0 ? html`<p class="quiet">And ${unseen} more: search to find them.</p>` : ''}
${query && found.length === 0 ? html`<p>Nobody who may sign in is called that.</p>` : ''}`;
}

function hiddenFields(fields: Record<string, string>): Html[] {
  return Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}

function matches({ displayName, userName, email }: SandboxUser, query: string): boolean {
  const wanted = query.trim().toLowerCase();
  return [displayName, userName, email].some((text) => text.toLowerCase().includes(wanted));
}

function groupNames({ groups, memberships }: Organization, userId: string): string[] {
  return groups.filter(({ id }) => memberships.get(id)?.has(userId)).map(({ displayName }) => displayName);
}
