import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ConflictError } from '../../src/platform/errors.ts';
import { sendIfChanged } from '../../src/web/index.ts';
import { launchBrowser } from '../support/browser.ts';
import { ADA, createTinyPortal } from './tiny-portal.ts';

const BODY = `
  <form method="get" action="/list"><input type="search" name="q" data-search aria-label="Search"><input name="empty" aria-label="Empty"><button>Filter</button></form>
  <p class="copyable"><code data-copy-text>111122223333</code><button type="button" data-copy hidden>Copy</button></p>
  <time data-countdown datetime="2030-01-01T01:00:00Z" data-now="2030-01-01T00:00:00Z">?</time>
  <table><tbody>
    <tr data-row><td><a href="/list?row=1">one</a></td></tr>
    <tr data-row><td><a href="/list?row=2">two</a></td></tr>
  </tbody></table>
  <form method="post" action="/slow"><button>Submit request</button></form>
  <button hx-post="/refused" hx-swap="none">Try</button>
  <label>Comment <textarea name="comment"></textarea></label>
  <section id="state" data-live hx-get="/state?v=1" hx-trigger="every 100ms" hx-swap="outerMorph" hx-status:4xx="swap:none" hx-status:5xx="swap:none">pending</section>
`;

const PATIENT = { timeout: 10_000 };

let browser: Browser;
let app: FastifyInstance;
let base: string;
let page: Page;
let sent = 0;
let slow = Promise.withResolvers<void>();
let version = 1;
let broken = false;
const complaints: string[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  app = await createTinyPortal({ person: ADA }, (app) => {
    const open = { config: { access: 'anyone' } } as const;
    app.get('/list', open, async (_request, reply) => {
      const frame = (await app.inject('/no/such/page')).body;
      return reply.type('text/html').send(frame.replace(/<section class="problem[\s\S]*?<\/section>/, BODY));
    });
    app.post('/slow', open, async (_request, reply) => {
      sent += 1;
      await slow.promise;
      return reply.seeOther('/list?done');
    });
    app.post('/clicked-again', open, async () => {
      slow.resolve();
      return '';
    });
    app.post('/refused', open, async () => {
      throw new ConflictError('x', 'Bo decided a minute ago.');
    });
    app.get('/state', open, async (request, reply) => {
      if (broken) throw new Error('broken');
      return sendIfChanged(request, reply, version, async () =>
        reply
          .type('text/html')
          .send(
            `<section id="state" data-live hx-get="/state?v=${version}" hx-trigger="every 100ms" hx-swap="outerMorph" hx-status:4xx="swap:none" hx-status:5xx="swap:none">version ${version}</section>`,
          ),
      );
    });
  });
  base = await app.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  await page.context().close();
  expect(complaints.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await app.close();
});

async function visit(options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(`${base}/list`);
}

/** The words of what has the focus, or its field name. */
const focused = () =>
  page.evaluate<string>('document.activeElement.getAttribute("name") ?? document.activeElement.textContent.trim()');

test('the keyboard reaches search, rows and the list of keys, and decides nothing', async () => {
  await visit();
  await page.keyboard.press('/');
  expect(await focused()).toBe('q');
  await page.keyboard.type('j?');
  expect(await page.inputValue('[name=q]')).toBe('j?');
  await page.locator(':focus').blur();
  await page.keyboard.press('j');
  expect(await focused()).toBe('one');
  await page.keyboard.press('j');
  expect(await focused()).toBe('two');
  await page.keyboard.press('j');
  expect(await focused()).toBe('two');
  await page.keyboard.press('k');
  expect(await focused()).toBe('one');
  await page.keyboard.press('Shift+?');
  expect(await page.isVisible('dialog#keys')).toBe(true);
  await page.keyboard.press('Escape');
  expect(await page.isVisible('dialog#keys')).toBe(false);
  await page.getByRole('link', { name: 'one', exact: true }).press('Enter');
  await page.waitForURL(/row=1/);
});

test('single keys can be switched off for good', async () => {
  await visit();
  await page.keyboard.press('Shift+?');
  await page.uncheck('[data-keys-switch]');
  await page.click('dialog#keys button');
  await page.reload();
  await page.keyboard.press('j');
  expect(await page.locator('tr :focus').count()).toBe(0);
});

test('a second click while the first is on its way sends nothing', async () => {
  await visit();
  sent = 0;
  slow = Promise.withResolvers();
  const click = 'document.querySelector("form[action=\'/slow\'] button").click()';
  await page.evaluate(`${click}; setTimeout(() => { ${click}; fetch('/clicked-again', { method: 'POST' }); }, 400)`);
  // Not waitForURL: htmx notes the page in the history meanwhile, which it takes for the end of the wait.
  await expect.poll(() => page.url(), PATIENT).toBe(`${base}/list?done`);
  expect(sent).toBe(1);
});

test('an address of a filter holds only what was filled in', async () => {
  await visit();
  await page.fill('[name=q]', 'prod');
  await page.click('text=Filter');
  await page.waitForURL(`${base}/list?q=prod`);
});

test('a refusal of an htmx request shows in the message region', async () => {
  await visit();
  await page.click('text=Try');
  await expect.poll(() => page.textContent('#flash [role=alert]'), PATIENT).toContain('Bo decided a minute ago.');
});

test('news reach an open page without taking the focus or what is typed, and a failure changes nothing', async () => {
  version = 1;
  broken = false;
  await visit();
  await page.fill('[name=comment]', 'I am writing');
  version = 2;
  await expect.poll(() => page.textContent('#state'), PATIENT).toBe('version 2');
  expect(await page.inputValue('[name=comment]')).toBe('I am writing');
  expect(await focused()).toBe('comment');
  broken = true;
  await page.waitForResponse((response) => response.status() === 500);
  await page.waitForResponse((response) => response.status() === 500);
  expect(await page.textContent('#state')).toBe('version 2');
  expect(await page.locator('#flash *').count()).toBe(0);
  broken = false;
  version = 3;
  await expect.poll(() => page.textContent('#state'), PATIENT).toBe('version 3');
});

test('a copy button copies what stands beside it', async () => {
  await visit({ permissions: ['clipboard-read', 'clipboard-write'] });
  await page.click('[data-copy]');
  await expect.poll(() => page.evaluate<string>('navigator.clipboard.readText()'), PATIENT).toBe('111122223333');
});

test('a copy button says so where the browser does not let it, and selects the text', async () => {
  await visit({ permissions: [] });
  await page.evaluate('void (navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed")))');
  await page.click('[data-copy]');
  await page.getByRole('status').getByText('Copying is not allowed here; select the text.').waitFor();
  expect(await page.evaluate('String(getSelection())')).toBe('111122223333');
});

test('a countdown runs by the server’s clock', async () => {
  await visit();
  await expect.poll(() => page.textContent('[data-countdown]'), PATIENT).toBe('59 min');
});

test('without JavaScript nothing is offered that cannot work, and forms are sent', async () => {
  await visit({ javaScriptEnabled: false });
  expect(await page.isVisible('[data-copy]')).toBe(false);
  sent = 0;
  slow.resolve();
  await page.click('text=Submit request');
  await page.waitForURL(`${base}/list?done`);
  expect(sent).toBe(1);
});

test('on a phone the navigation opens from a button, without JavaScript', async () => {
  await visit({ javaScriptEnabled: false });
  await page.setViewportSize({ width: 360, height: 700 });
  expect(await page.isVisible('nav#nav')).toBe(false);
  await page.click('.menu-button');
  expect(await page.isVisible('nav#nav')).toBe(true);
});
