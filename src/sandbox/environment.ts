import { accessKeyOf } from './aws/caller.ts';
import { ACTIVITY_ROLE } from './aws/sts.ts';
import type { Organization } from './organization.ts';

/** The environment with which the AWS SDK reaches the sandbox, with the credentials of this account. */
export function awsEnvironment(url: string, region: string, accountId: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyOf(accountId),
    AWS_SECRET_ACCESS_KEY: 'sandbox',
  };
}

/** What a portal's environment needs besides, to work against this sandbox. */
export function portalEnvironment(publicUrl: string, smtpUrl: string): Record<string, string> {
  return {
    ACCESS_PORTAL_URL: `${publicUrl}/start`,
    SAML_METADATA_URL: `${publicUrl}/saml/metadata`,
    SMTP_URL: smtpUrl,
    MAIL_FROM: 'Latchkey <latchkey@example.com>',
    ACTIVITY_ROLE_NAME: ACTIVITY_ROLE,
  };
}

/** The named member account, or the first one: some account other than the management account runs the portal. */
export function delegatedAdministrator(organization: Organization): string {
  const { accounts, delegatedAdministratorAccountId, managementAccountId } = organization;
  const member = accounts.find(({ id, state }) => id !== managementAccountId && state === 'ACTIVE');
  return delegatedAdministratorAccountId ?? member?.id ?? managementAccountId;
}
