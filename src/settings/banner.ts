import type { Settings } from './schema.ts';

interface Banner {
  kind: 'info' | 'warning';
  text: string;
}

/** What every page says at its top for as long as it holds: first what is dangerous, then what admins announce. */
export function portalBanners(settings: Settings): Banner[] {
  const { announcement } = settings;
  const banner = portalBanner(settings);
  return [...(banner ? [banner] : []), ...(announcement ? [{ kind: 'info' as const, text: announcement }] : [])];
}

/** The warning while approval is off; null where there is nothing to warn of. */
export function portalBanner(settings: Settings): Banner | null {
  if (settings.approvalEnabled) return null;
  return {
    kind: 'warning',
    text: 'Approval is switched off for the whole portal: whoever is eligible gets access at once, without anyone deciding, save where a guardrail asks for approval.',
  };
}
