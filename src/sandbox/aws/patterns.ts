import { z } from 'zod';

/** A string member with the published pattern and lengths. The models' patterns hold for the whole value. */
export function text(pattern: RegExp, min: number, max: number) {
  const whole = new RegExp(`^(?:${pattern.source})$`, 'u');
  return z
    .string('Member must be a string')
    .min(min, `Member must have length greater than or equal to ${min}`)
    .max(max, `Member must have length less than or equal to ${max}`)
    .regex(whole, `Member must satisfy regular expression pattern: ${pattern.source}`);
}

/** MaxResults between 1 and the API's maximum. */
export function maxResults(max: number) {
  return z
    .int('Member must be an integer')
    .min(1, 'Member must have value greater than or equal to 1')
    .max(max, `Member must have value less than or equal to ${max}`)
    .optional();
}

const UUID = '[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}';
const INSTANCE = '(?:sso)?ins-[a-zA-Z0-9\\-.]{16}';

export const accountId = text(/\d{12}/, 12, 12);
export const instanceArn = text(new RegExp(`arn:aws(?:-[a-z]{1,5}){0,3}:sso:::instance/${INSTANCE}`), 10, 1224);
export const permissionSetArn = text(
  new RegExp(`arn:aws(?:-[a-z]{1,5}){0,3}:sso:::permissionSet/${INSTANCE}/ps-[a-zA-Z0-9\\-.\\/]{16}`),
  10,
  1224,
);
/** The ID of a user or a group: a UUID, in newer identity stores with ten hex digits before it. */
export const principalId = text(new RegExp(`(?:[0-9a-f]{10}-|)${UUID}`), 1, 47);
export const writeRequestId = text(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, 36, 36);
export const ssoNextToken = text(/[-a-zA-Z0-9+=/_]*/, 0, 2048).optional();

export const identityStoreId = text(
  /d-[0-9a-f]{10}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
  1,
  36,
);
export const identityStoreNextToken = text(/[-a-zA-Z0-9+=/:_]*/, 1, 65_535).optional();

const rootId = /r-[0-9a-z]{4,32}/;
const organizationalUnitId = /ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}/;
export const parentId = text(new RegExp(`${rootId.source}|${organizationalUnitId.source}`), 1, 100);
