import type { Organization, SandboxAssignment } from '../../organization.ts';
import type { SandboxServices } from '../../services.ts';
import { type Html, html } from '../html.ts';
import { choiceField, type Option, type Refused } from './fields.ts';
import { namesOf } from './words.ts';

const MOST_SHOWN = 50;
const STATES: Record<string, string> = {
  SUSPENDED: 'suspended',
  PENDING_CLOSURE: 'being closed',
  CLOSED: 'closed',
  PENDING_ACTIVATION: 'not active yet',
};

/** The forms that change the organization as other administrators do, past the portal. */
export function organizationForms(services: SandboxServices, refused: Refused | undefined): Html {
  const { organization } = services;
  const options = optionsOf(organization);
  const field = (form: string, name: string, label: string, choices: readonly Option[]) => {
    const again = refused?.form === form ? refused : undefined;
    return choiceField({
      id: `${form}-${name}`,
      name,
      label,
      options: choices,
      value: again?.values[name] ?? choices[0]?.value ?? '',
      wrong: again?.wrong[name],
    });
  };
  const person = (form: string) => field(form, 'user', 'Person', options.users);
  return html`<h3>Assignments made or removed by others</h3>
<form method="post" action="/faults/organization/assignments"><div class="fields">${person('assignments')}
${field('assignments', 'account', 'Account', options.accounts)}
${field('assignments', 'permissionSet', 'Permission set', options.permissionSets)}
${field('assignments', 'change', 'Is', [
  { value: 'made', label: 'assigned' },
  { value: 'removed', label: 'removed' },
])}</div><p><button>Change the assignment</button></p></form>
${standing(services)}
<h3>People</h3>
<form method="post" action="/faults/organization/users"><div class="fields">${person('users')}
${field('users', 'to', 'Is', [
  { value: 'DISABLED', label: 'disabled' },
  { value: 'ENABLED', label: 'enabled' },
  { value: 'DELETED', label: 'deleted, until the sandbox starts anew' },
])}</div><p><button>Change the person</button></p></form>
<h3>Members of groups</h3>
<form method="post" action="/faults/organization/members"><div class="fields">${person('members')}
${field('members', 'change', 'Is', [
  { value: 'removed', label: 'removed from' },
  { value: 'added', label: 'added to' },
])}
${field('members', 'group', 'Group', options.groups)}</div><p><button>Change the group</button></p></form>
<h3>Accounts</h3>
<form method="post" action="/faults/organization/accounts"><div class="fields">
${field('accounts', 'account', 'Account', options.accounts)}
${field('accounts', 'to', 'Is', [
  { value: 'SUSPENDED', label: 'suspended' },
  { value: 'PENDING_CLOSURE', label: 'being closed' },
  { value: 'CLOSED', label: 'closed' },
  { value: 'ACTIVE', label: 'active' },
  { value: 'LEFT', label: 'gone from the organization, until the sandbox starts anew' },
])}</div><p><button>Change the account</button></p></form>
<h3>Permission sets</h3>
<form method="post" action="/faults/organization/permission-sets"><div class="fields">
${field('permission-sets', 'permissionSet', 'Permission set', options.permissionSets)}
</div><p><button>Delete the permission set</button></p></form>`;
}

/** What people have now, each with a button that takes it away. */
function standing({ assignments, organization }: SandboxServices): Html {
  const all = assignments.list().filter(({ principalType }) => principalType === 'USER');
  if (all.length === 0) return html`<p>No person is assigned anything right now.</p>`;
  const shown = all.slice(-MOST_SHOWN).toReversed();
  const rows = shown.map((assignment) => row(assignment, organization));
  return html`<details><summary>What people are assigned now: ${all.length}</summary>
${all.length > shown.length && html`<p class="quiet">These are the latest ${shown.length}.</p>`}
<ul class="cards">${rows}</ul></details>`;
}

function row(assignment: SandboxAssignment, organization: Organization): Html {
  const { principal, permissionSet, account } = namesOf(assignment, organization);
  const { principalId, accountId, permissionSetArn } = assignment;
  return html`<li class="card"><form method="post" action="/faults/organization/assignments">
<b>${principal}</b><div>${permissionSet} in ${account}</div>
<input type="hidden" name="user" value="${principalId}"><input type="hidden" name="account" value="${accountId}">
<input type="hidden" name="permissionSet" value="${permissionSetArn}">
<button name="change" value="removed" aria-label="Remove ${principal}’s ${permissionSet} in ${account}">Remove</button>
</form></li>`;
}

function optionsOf({ users, accounts, permissionSets, groups }: Organization) {
  const sorted = (options: Option[]) => options.sort((one, other) => (one.label < other.label ? -1 : 1));
  const noted = (label: string, note: string | undefined) => (note ? `${label} (${note})` : label);
  return {
    users: sorted(
      users.map(({ id, displayName, status }) => ({
        value: id,
        label: noted(displayName, status === 'DISABLED' ? 'disabled' : undefined),
      })),
    ),
    accounts: sorted(accounts.map(({ id, name, state }) => ({ value: id, label: noted(name, STATES[state]) }))),
    permissionSets: sorted(permissionSets.map(({ arn, name }) => ({ value: arn, label: name }))),
    groups: sorted(groups.map(({ id, displayName }) => ({ value: id, label: displayName }))),
  };
}
