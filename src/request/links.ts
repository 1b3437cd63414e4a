/** Opens the AWS console in the account with the role ("Creating shortcut links", IAM Identity Center User Guide). */
export function consoleLink(portalUrl: string, access: { accountId: string; roleName: string }): string {
  const query = new URLSearchParams({ account_id: access.accountId, role_name: access.roleName });
  return `${portalUrl}/#/console?${query}`;
}

/** What goes into ~/.aws/config so that the AWS CLI signs in by itself ("Configuring IAM Identity Center authentication", AWS CLI User Guide). */
export function cliProfile(portalUrl: string, region: string, access: { accountId: string; roleName: string }): string {
  const account = plain(access.accountId);
  const role = plain(access.roleName);
  return [
    '[sso-session latchkey]',
    `sso_start_url = ${portalUrl}`,
    `sso_region = ${region}`,
    'sso_registration_scopes = sso:account:access',
    '',
    `[profile ${account}-${role}]`,
    'sso_session = latchkey',
    `sso_account_id = ${account}`,
    `sso_role_name = ${role}`,
    `region = ${region}`,
  ].join('\n');
}

/** A name must not end its line or section. */
function plain(text: string): string {
  return text.replace(/[^\w+=,.@-]/g, '');
}
