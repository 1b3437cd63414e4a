import { expect, test } from 'vitest';
import { projectFiles } from './files.ts';

const MAIL = /^views\/notify\//;

/** What a template may put out unescaped: other templates, and what a layout wraps. */
const RAW_OUTPUT = /^<%~\s*(await\s+)?(include(Async)?\(|it\.body\b|block\(|capture\()/;

/** Its own table of drawings, looked up by name. */
const ICON = { path: 'views/shared/_icon.eta', tag: "<%~ paths[it.icon] ?? '' %>" };

/** What is wrong in a template, one sentence each. The policy forbids inline script and style; this says so earlier. */
function mistakesOf(path: string, source: string): string[] {
  const mistakes: string[] = [];
  const say = (at: number, what: string) => mistakes.push(`${path}:${source.slice(0, at).split('\n').length} ${what}`);
  for (const { 0: tag, index } of source.matchAll(/<%~[\s\S]*?%>/g)) {
    if (path === ICON.path && tag === ICON.tag) continue;
    if (!RAW_OUTPUT.test(tag)) say(index, `puts out unescaped: ${tag}`);
  }
  if (MAIL.test(path)) return mistakes;
  // What the template computes is no markup; its own `<` and `>` must not be taken for tags.
  const markup = source.replace(/<%[\s\S]*?%>/g, (code) => code.replace(/[^\n]/g, '·'));
  for (const { 0: tag, index } of markup.matchAll(/<script\b[^>]*>/gi)) {
    if (!/\ssrc=/.test(tag)) say(index, 'has an inline script');
  }
  for (const { index } of markup.matchAll(/<style\b/gi)) say(index, 'has an inline style element');
  for (const { 0: tag, index } of markup.matchAll(/<[a-z][^<>]*>/gi)) {
    if (/\sstyle\s*=/i.test(tag)) say(index, 'has a style attribute');
    if (/\son[a-z]+\s*=/i.test(tag)) say(index, 'has an event handler');
    if (/\s(data-)?hx-on\b/i.test(tag)) say(index, 'uses hx-on, which evaluates text as code');
    if (/\shx-(vals|headers)\s*=\s*["']\s*(js|javascript):/i.test(tag)) say(index, 'evaluates text as code');
  }
  return mistakes;
}

test('no template puts out unescaped text or carries script and style inline', () => {
  const templates = projectFiles('views/**/*.{eta,html}');
  expect(templates.size).toBeGreaterThan(10);
  expect([...templates].flatMap(([path, source]) => mistakesOf(path, source))).toEqual([]);
});

test.each([
  ['<p><%~ it.justification %></p>', 'puts out unescaped'],
  ['<script>go()</script>', 'inline script'],
  ['<style>p { color: red }</style>', 'inline style'],
  ['<p\n  style="color: red">', 'style attribute'],
  ['<button onclick="go()">', 'event handler'],
  ['<a hx-on:click="go()">', 'hx-on'],
  [`<a hx-vals='js:{a: 1}'>`, 'evaluates text'],
])('the check refuses %s', (source, what) => {
  expect(mistakesOf('views/request/show.eta', source)).toEqual([expect.stringContaining(what)]);
});

test.each([
  `<%~ include('/shared/_csrf', {}) %><%~ it.body %>`,
  '<script src="/assets/app.js" type="module"></script>',
  '<p class="style=none"><%= it.count > 1 ? "on = more" : "one" %></p>',
  '<% if (it.a < 2 && it.onclick == 3) { %><p>style = on</p><% } %>',
])('the check lets pass %s', (source) => {
  expect(mistakesOf('views/request/show.eta', source)).toEqual([]);
});

test('mail may carry style attributes, which mail programs need, and still escapes what it prints', () => {
  expect(mistakesOf('views/notify/mail.eta', '<p style="color: red">')).toEqual([]);
  expect(mistakesOf('views/notify/mail.eta', '<%~ it.text %>')).toHaveLength(1);
});
