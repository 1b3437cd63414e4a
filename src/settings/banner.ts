import type { Settings } from './schema.ts';

/** What every page says at its top for as long as it holds; null where there is nothing to say. */
export function portalBanner(settings: Settings): { kind: 'warning'; text: string } | null {
  if (settings.approvalEnabled) return null;
  return {
    kind: 'warning',
    text: 'Approval is switched off for the whole portal: whoever is eligible gets access at once, without anyone deciding.',
  };
}
