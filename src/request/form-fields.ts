import type { FieldErrors } from '../platform/errors.ts';
import type { Combobox } from '../web/index.ts';
import { accountChoices, accountOption, roleChoices, roleOption } from './choices.ts';
import type { FormValues } from './form.ts';
import { accountOf, type Offered, type RoleChoice } from './offered.ts';

/** Shows the form again with what it holds, which is too private for an address. */
const DRAFT = '/requests/new/draft';

/** The field in which the account is chosen. */
export function accountField(offered: Offered, values: FormValues, errors: FieldErrors): Combobox {
  const account = accountOf(offered, values.accountId);
  return {
    ...accountChoices(offered, { q: values.q, value: values.accountId }),
    label: 'Account',
    hint: '',
    error: errors.accountId ?? '',
    required: true,
    placeholder: 'Choose an account',
    chosen: account && accountOption(account),
    source: '/requests/new/accounts',
    search: { name: 'q', value: values.q, label: 'Search by name, ID, OU or e-mail', address: DRAFT },
  };
}

/** The field in which one of many roles is chosen. */
export function roleField(
  roles: RoleChoice[],
  role: RoleChoice | null,
  values: FormValues,
  errors: FieldErrors,
): Combobox {
  return {
    ...roleChoices(roles, { q: values.roleQuery, value: values.permissionSetArn }),
    label: 'Role',
    hint: '',
    error: errors.permissionSetArn ?? '',
    required: true,
    placeholder: 'Choose a role',
    chosen: role && roleOption(role),
    source: `/requests/new/roles?accountId=${encodeURIComponent(values.accountId)}`,
    search: {
      name: 'roleQuery',
      value: values.roleQuery,
      label: 'Search by name or description',
      address: DRAFT,
    },
  };
}
