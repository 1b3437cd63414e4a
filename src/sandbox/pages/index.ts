import type { FastifyInstance } from 'fastify';
import type { SandboxServices } from '../services.ts';
import { faultsInWords } from './faults/index.ts';
import { type Html, html } from './html.ts';
import { registerAssets, sendPage } from './layout.ts';

/** Adds the sandbox's start page, and the stylesheet and scripts that all of its pages use. */
export function registerStartPage(app: FastifyInstance, services: SandboxServices): void {
  registerAssets(app);
  app.get('/', (_request, reply) => sendPage(reply, { title: 'Latchkey sandbox', body: startPage(services) }));
}

function startPage({ organization, assignments, events, faults, url }: SandboxServices): Html {
  const disturbed = faultsInWords(faults, organization);
  return html`<p>This process stands in for everything outside of Latchkey: the AWS APIs, the sign-in of IAM Identity
Center, its access portal, and the mail server. Latchkey talks to it just as it would talk to the real ones.</p>
<ul class="cards">
<li class="card"><a href="/start"><b>Access portal</b></a><p>What a person can open in AWS right now.
Opening it and doing something leaves CloudTrail events.</p></li>
<li class="card"><a href="/mail"><b>Mailbox</b></a><p>Every mail that was sent, to whomever.</p></li>
<li class="card"><a href="/faults"><b>Faults</b></a><p>Let AWS go wrong: an outage, throttling, lists that lag,
people who leave. And let it be fine again.</p></li>
<li class="card"><a href="/sandbox/state"><b>State</b></a><p>Assignments, calls and faults as JSON.</p></li>
<li class="card"><a href="/saml/metadata"><b>SAML metadata</b></a><p>What the portal knows the sign-in by.</p></li>
</ul>
<h2>The organization</h2>
<dl><dt>AWS endpoint</dt><dd><code>${url}</code></dd>
<dt>Organization</dt><dd>${organization.id}, Identity Center in ${organization.region}</dd>
<dt>Accounts</dt><dd>${organization.accounts.length}</dd>
<dt>Permission sets</dt><dd>${organization.permissionSets.length}</dd>
<dt>People</dt><dd>${organization.users.length} in ${organization.groups.length} groups</dd>
<dt>Assignments now</dt><dd>${assignments.list().length}</dd>
<dt>CloudTrail events</dt><dd>${events.list().length}</dd>
<dt><a href="/faults">Faults</a></dt><dd>${
    disturbed.length === 0 ? 'none' : html`<span class="bad">${disturbed.map(({ text }) => text).join(' ')}</span>`
  }</dd></dl>`;
}
