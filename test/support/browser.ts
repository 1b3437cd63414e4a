import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * A real browser for tests: `CHROMIUM_PATH` where it is set, on Linux x64 the one that comes from npm, elsewhere an
 * installed Chrome. Throws where there is none: browser tests fail then, they are not skipped.
 */
export async function launchBrowser(): Promise<Browser> {
  const named = process.env.CHROMIUM_PATH;
  if (named) return playwright.launch({ executablePath: named });
  if (process.platform === 'linux' && process.arch === 'x64') {
    // Not the package's own arguments: they switch off web security, and one process for everything dies with its
    // first context.
    return playwright.launch({
      executablePath: await chromium.executablePath(),
      args: ['--no-sandbox', '--no-zygote', '--disable-gpu'],
    });
  }
  try {
    return await playwright.launch({ channel: 'chrome' });
  } catch (error) {
    throw new Error('Browser tests need Chrome: install it, or set CHROMIUM_PATH to a Chromium.', { cause: error });
  }
}
