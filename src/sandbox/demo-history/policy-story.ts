/** A policy with who wrote it and how many days ago; `before`: what its first version said otherwise. */
export interface PolicyStory<C extends object> {
  content: C;
  by: string;
  daysAgo: number;
  changed?: { by: string; daysAgo: number; before: Partial<C> };
  /** Deleted so many minutes ago. */
  deletedMinutesAgo?: number;
}

export const ADMIN = 'ines.moreau';
export const OTHER_ADMIN = 'liam.murphy';

/** OUs by their path. */
export const PRODUCTION = 'Workloads/Production';
export const PAYMENTS = 'Workloads/Production/Payments';
export const STOREFRONT = 'Workloads/Production/Storefront';
