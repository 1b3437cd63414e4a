import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DEMO_PEOPLE, demoOrganization } from '../../src/sandbox/demo-organization.ts';

export interface BrowserPerson extends AsyncDisposable {
  context: BrowserContext;
  page: Page;
  /** What the browser complained of so far: script errors and broken rules of the content security policy. */
  complaints: string[];
}

export interface BrowserOptions {
  colorScheme?: 'light' | 'dark';
  width?: number;
  javaScript?: boolean;
}

/** Somebody's own browser, signed in through the sandbox's identity provider, at `path`. */
export async function browserOf(
  browser: Browser,
  portalUrl: string,
  who: keyof typeof DEMO_PEOPLE,
  path = '/',
  { colorScheme = 'light', width = 1280, javaScript = true }: BrowserOptions = {},
): Promise<BrowserPerson> {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 900 },
    javaScriptEnabled: javaScript,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Refused to/i.test(message.text()))
      complaints.push(message.text());
  });
  await page.goto(`${portalUrl}${path}`);
  await page
    .getByRole('button', { name: displayNameOf(who) })
    .first()
    .click();
  // The identity provider's answer posts itself, or is posted by hand.
  if (!javaScript) await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL((url) => url.origin === portalUrl);
  return { context, page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

export function displayNameOf(who: keyof typeof DEMO_PEOPLE): string {
  const user = demoOrganization().users.find(({ userName }) => userName === DEMO_PEOPLE[who]);
  if (!user) throw new Error(`nobody is ${who}`);
  return user.displayName;
}
