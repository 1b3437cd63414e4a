import type { SandboxServices } from '../../services.ts';
import { type Html, html } from '../html.ts';
import { failureForm } from './failures.ts';
import { faultForm } from './fault-form.ts';
import type { Refused } from './fields.ts';
import { organizationForms } from './organization-forms.ts';
import { PRESETS } from './presets.ts';
import { faultsInWords } from './words.ts';

interface Shown {
  portalUrl: string | null;
  /** What was changed in the organization by this page, newest first. */
  changes: readonly { at: Date; text: string }[];
  refused: Refused | undefined;
}

/** The whole page: what is set, what can be set, and the organization. */
export function faultsPage(services: SandboxServices, { portalUrl, changes, refused }: Shown): Html {
  const { faults, organization } = services;
  const lately = changes.map(({ at, text }) => html`<li>${at.toISOString().slice(11, 19)} UTC: ${text}</li>`);
  return html`${
    refused &&
    html`<p class="bad" role="alert"><b>Nothing was changed.</b>
${Object.values(refused.wrong).join(' ') || 'The form was not complete.'}</p>`
  }
<p>Here AWS goes wrong on command, so that one can watch Latchkey get through it.
${watching(portalUrl)} Or <a href="#organization">change the organization</a>.</p>
<h2>What is set now</h2>
${current(services)}
<h2>One button each</h2>
<form class="row" method="post" action="/faults/presets">
${PRESETS.map(({ id, label }) => html`<button name="preset" value="${id}">${label}</button>`)}
<button class="main" name="preset" value="fine">Everything is fine again</button></form>
<p class="quiet">The other buttons add to what is set. “Everything is fine again” ends every fault, also what
the demo sets by itself when it starts: one access whose create stays in progress (the demo’s next start sets it again).
It leaves the organization as it is. ${beyondReach(services)}</p>
<h2>Set them one by one</h2>
${faultForm(faults, organization, refused)}
<h2>Let creates and deletes fail</h2>
<p>AWS accepts them, works on them, and then reports FAILED. This replaces those that were to fail before.</p>
${failureForm(refused)}
<h2 id="organization">The organization</h2>
<p>What other administrators do in AWS’s own console, past Latchkey. Assignments stay as they are made here; everything
else is as it was once the sandbox starts anew. ${drifting(portalUrl)}</p>
${lately.length > 0 && html`<h3>Done lately</h3><ul>${lately}</ul>`}
${organizationForms(services, refused)}`;
}

function current({ faults, organization }: SandboxServices): Html {
  const on = faultsInWords(faults, organization);
  if (on.length === 0) return html`<p class="good">Nothing: AWS works as it should.</p>`;
  const rows = on.map(
    ({ name, text }) => html`<li class="row"><span>${text}</span>
<button name="fault" value="${name}" aria-label="End this: ${text}">End this</button></li>`,
  );
  return html`<form method="post" action="/faults/end"><ul class="plain">${rows}</ul></form>`;
}

/** What no button lifts, because it is no fault: AWS's own rule for delegated administrators. */
function beyondReach({ assignments, organization }: SandboxServices): Html {
  const arns = assignments.permissionSetsIn(organization.managementAccountId);
  const names = organization.permissionSets.filter(({ arn }) => arns.includes(arn)).map(({ name }) => name);
  if (names.length === 0) return html``;
  const account = organization.accounts.find(({ id }) => id === organization.managementAccountId)?.name;
  return html`And it cannot lift what AWS forbids by its own rules: what is assigned in the management account
(now ${names.join(', ')}) is out of Latchkey’s reach in every account, so in the demo one revoke stays overdue. To let that
one through, remove the assignments in ${account ?? 'the management account'} further down.`;
}

function watching(portalUrl: string | null): Html {
  if (portalUrl === null) return html`No portal is registered here yet; once one is, this page links to it.`;
  return html`Watch it on the portal’s <a href="${new URL('/admin/health', portalUrl).href}">Health page</a> and
<a href="${new URL('/admin/drift', portalUrl).href}">drift page</a>, signed in as somebody who administers Latchkey.`;
}

function drifting(portalUrl: string | null): Html {
  if (portalUrl === null) return html``;
  return html`What stands outside of Latchkey turns up on its
<a href="${new URL('/admin/drift', portalUrl).href}">drift page</a>, at once where one asks it to look.`;
}
