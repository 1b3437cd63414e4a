import type { Guardrail, PolicyContent } from '../../policy/index.ts';
import { ref } from './company.ts';
import { ADMIN, OTHER_ADMIN, type PolicyStory, PRODUCTION } from './policy-story.ts';

export const GUARDRAILS: PolicyStory<PolicyContent<Guardrail>>[] = [
  {
    content: {
      name: 'Administrators and keys: never without a second person',
      permissionSets: ref.roles('AdministratorAccess', 'KeyAdmin'),
      targets: [],
      neverSelfServed: true,
      maxDurationMinutes: 240,
      note: 'Whoever can change users or keys can change who is watched.',
      ticket: 'SEC-377',
    },
    by: ADMIN,
    daysAgo: 63,
  },
  {
    content: {
      name: 'Production: a working day at most',
      permissionSets: [],
      targets: [ref.unit(PRODUCTION)],
      neverSelfServed: false,
      maxDurationMinutes: 480,
      note: '',
      ticket: '',
    },
    by: OTHER_ADMIN,
    daysAgo: 62,
  },
];
