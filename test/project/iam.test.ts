import { expect, test } from 'vitest';
import { z } from 'zod';
import { projectFile, projectFiles } from './files.ts';

const Policy = z.object({
  Statement: z.array(z.object({ Effect: z.literal('Allow'), Action: z.union([z.string(), z.array(z.string())]) })),
});

const PREFIX: Record<string, string> = {
  '@aws-sdk/client-sso-admin': 'sso',
  '@aws-sdk/client-identitystore': 'identitystore',
  '@aws-sdk/client-organizations': 'organizations',
  '@aws-sdk/client-cloudtrail': 'cloudtrail',
  '@aws-sdk/client-sts': 'sts',
};

/** Anyone may ask who they are. */
const NEEDS_NO_PERMISSION = ['sts:GetCallerIdentity'];

const allowedBy = (path: string) =>
  Policy.parse(JSON.parse(projectFile(path))).Statement.flatMap(({ Action }) => Action);

/** The actions behind the commands and paginators that the portal's code imports from the SDK. */
function actionsInUse(): string[] {
  const actions = new Set<string>();
  for (const source of projectFiles('src/**/*.ts', /^src\/(sandbox|platform\/generated)\//).values()) {
    for (const [, names = '', client = ''] of source.matchAll(/import \{([^}]*)\} from '(@aws-sdk\/client-[\w-]+)'/g)) {
      const calls = [...names.matchAll(/\b(?:paginate(\w+)|(\w+)Command)\b(?!\w)/g)].map(([, a, b]) => a ?? b ?? '');
      for (const call of calls) actions.add(`${PREFIX[client] ?? client}:${call}`);
    }
  }
  return [...actions].filter((action) => !NEEDS_NO_PERMISSION.includes(action)).sort();
}

test('the IAM policies allow every call that the portal makes, and no other', () => {
  const allowed = ['docker/iam/portal-policy.json', 'docker/iam/activity-role-policy.json'].flatMap(allowedBy);
  expect(allowed.sort()).toEqual(actionsInUse());
});

test('the role in each account may only read the event history', () => {
  expect(allowedBy('docker/iam/activity-role-policy.json')).toEqual(['cloudtrail:LookupEvents']);
});

test('every file for IAM is a policy in JSON', () => {
  for (const [path, text] of projectFiles('docker/iam/*.json')) {
    expect(() => Policy.parse(JSON.parse(text)), path).not.toThrow();
  }
});
