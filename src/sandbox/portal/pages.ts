import type { CloudTrailRecord } from '../cloudtrail-store.ts';
import type { SandboxUser } from '../organization.ts';
import { type Html, html } from '../pages/html.ts';
import type { OpenAccount } from './access.ts';
import { consoleActs } from './acts.ts';
import type { ConsoleSession, ConsoleSessions } from './sessions.ts';

export interface StartPage {
  user: SandboxUser;
  open: OpenAccount[];
  /** The address of the access portal, and the Region of Identity Center: both go into `~/.aws/config`. */
  startUrl: string;
  region: string;
  hasApplication: boolean;
}

const nothingOpen = html`<p>You have no access to any account right now.</p>`;

/** The access portal as a person sees it. */
export function startPage(page: StartPage): Html {
  const cards = page.open.map(
    ({ account, permissionSets }) => html`<li class="card"><b>${account.name}</b>
<div class="quiet">${account.id} · ${account.email}</div>
${permissionSets.map((set) => html`${openForm(account.id, set.name)}${commandLine(page, account.id, set.name)}`)}</li>`,
  );
  return html`${whoPage(page.user)}
<h2>Accounts</h2>
${cards.length > 0 ? html`<ul class="cards accounts">${cards}</ul>` : nothingOpen}
<h2>Applications</h2>
${
  page.hasApplication
    ? html`<p class="row"><a class="button" href="/saml/tile">Latchkey</a>
<a href="/saml/tile?unsolicited=1">Latchkey, by a response that it did not ask for</a></p>`
    : html`<p>None is registered.</p>`
}`;
}

/** Who looks at the portal, and the way to look at it as somebody else. */
export function whoPage(user: SandboxUser): Html {
  return html`<form class="row" method="post" action="/start/sign-out"><span>Signed in as <b>${user.displayName}</b>
<span class="quiet">${user.userName}</span></span><button>Sign out</button></form>`;
}

/** The button that opens one account with one permission set. */
export function openForm(accountId: string, roleName: string): Html {
  return html`<form class="row" method="post" action="/start/console">
<input type="hidden" name="account_id" value="${accountId}"><input type="hidden" name="role_name" value="${roleName}">
<span>${roleName}</span><button aria-label="Open console as ${roleName} in ${accountId}">Open console</button></form>`;
}

function commandLine({ startUrl, region }: StartPage, accountId: string, roleName: string): Html {
  const profile = `${accountId}-${roleName}`;
  return html`<details><summary>Command line</summary>
<p>In <code>~/.aws/config</code>:</p>
<pre>[sso-session sandbox]
sso_start_url = ${startUrl}
sso_region = ${region}
sso_registration_scopes = sso:account:access

[profile ${profile}]
sso_session = sandbox
sso_account_id = ${accountId}
sso_role_name = ${roleName}
region = ${region}</pre>
<p>Then <code>aws sso login --profile ${profile}</code>: with the real portal, that is.
This one has no command line.</p>
</details>`;
}

/** What a person sees who follows a link to an account that they cannot open. */
export function noAccessPage(user: SandboxUser, accountId: string, roleName: string | undefined): Html {
  return html`${whoPage(user)}
<p class="bad">No access: ${user.displayName} cannot open account <b>${accountId}</b>${
    roleName ? html` with <b>${roleName}</b>` : ''
  } right now.</p>
<p>A link gives no access. Ask for it, and come back when it is active.</p><p><a href="/start">What I can open</a></p>`;
}

/** The pretend console: what one can do in the session, and what was done in it. */
export function consolePage(session: ConsoleSession, sessions: ConsoleSessions): Html {
  const { account, permissionSet, user, aws } = session;
  const expired = sessions.expired(session);
  const buttons = consoleActs.map(({ id, label }) => html`<button name="act" value="${id}">${label}</button>`);
  const rows = sessions.eventsOf(session).map(
    (event) => html`<tr><td>${event.eventTime}</td><td>${event.eventName}</td><td>${event.eventSource}</td>
<td>${event.awsRegion}</td>
<td>${outcome(event)}</td></tr>`,
  );
  return html`<dl><dt>Account</dt><dd>${account.name} (${account.id})</dd>
<dt>As</dt><dd>${user.displayName} with ${permissionSet.name}</dd>
<dt>Role</dt><dd><code>${aws.roleName}</code></dd>
<dt>Session</dt><dd>from ${aws.startedAt.toISOString()} to ${session.expiresAt.toISOString()}</dd></dl>
${
  expired
    ? html`<p class="bad">This session has expired.</p>`
    : html`<h2>Do something</h2>
<form class="row" method="post" action="/start/sessions/${session.id}/acts">${buttons}</form>`
}
<h2>What CloudTrail recorded</h2>
${
  rows.length === 0
    ? html`<p>Nothing yet.</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Events"><table>
<thead><tr><th scope="col">Time</th><th scope="col">Event</th>
<th scope="col">Service</th><th scope="col">Region</th><th scope="col">Outcome</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}
<p><a href="/start">Back to the access portal</a></p>`;
}

function outcome({ errorCode }: CloudTrailRecord): Html {
  return errorCode ? html`<span class="bad">${String(errorCode)}</span>` : html`<span class="good">done</span>`;
}
