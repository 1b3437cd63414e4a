import { expect, test } from 'vitest';
import { z } from 'zod';
import type { AccessRule } from '../../src/identity/types.ts';
import { navigation } from '../../src/web/navigation.ts';
import { createCursor, pageOf } from '../../src/web/paging.ts';
import { createEngine } from '../../src/web/render.ts';
import { createViewHelpers, withQuery } from '../../src/web/view-helpers.ts';
import { ADA } from './tiny-portal.ts';

const eta = createEngine();
const helpers = createViewHelpers('Europe/Berlin', (name) => `/assets/${name}`);
const render = (name: string, it: object) => eta.render(`/shared/${name}`, { ...helpers, ...it });

test('a wrong field is marked, described by its sentence, and keeps what was typed', () => {
  const html = render('_field', {
    field: {
      name: 'ticket',
      label: 'Ticket',
      value: '"><script>',
      error: 'Write at most 5.',
      hint: 'As in Jira.',
      required: true,
    },
  });
  expect(html).toContain('<label for="field-ticket">Ticket');
  expect(html).toContain('aria-describedby="field-ticket-hint field-ticket-error"');
  expect(html).toContain('aria-invalid="true"');
  expect(html).toContain('id="field-ticket-error"');
  expect(html).toContain('value="&quot;&gt;&lt;script&gt;"');
  expect(html).not.toContain('optional');
});

test('a field that is fine has no marks and says when it may be left empty', () => {
  const html = render('_field', { field: { name: 'ticket', label: 'Ticket' } });
  expect(html).not.toMatch(/aria-(invalid|describedby)/);
  expect(html).toContain('optional');
  expect(html).toContain('value=""');
});

test('choices come with a legend, and those that were made are made', () => {
  const options = [
    { value: '30', label: '30 min' },
    { value: '60', label: '1 h' },
  ];
  const radios = render('_field', { field: { name: 'd', label: 'Duration', type: 'radios', options, value: 60 } });
  expect(radios).toMatch(/<legend>Duration/);
  expect(radios).toMatch(/value="60" checked/);
  expect(radios).not.toMatch(/value="30" checked/);
  const select = render('_field', { field: { name: 'd', label: 'Duration', type: 'select', options, value: '30' } });
  expect(select).toMatch(/value="30" selected/);
});

test('the summary leads to each wrong field', () => {
  const html = render('_errors', { errors: { ticket: 'Fill in <this>.', form: 'Too late.' } });
  expect(html).toContain('2 things to mend');
  expect(html).toContain('<a href="#field-ticket">Fill in &lt;this&gt;.</a>');
  expect(html).toContain('<li>Too late.</li>');
  expect(render('_errors', { errors: {} }).trim()).toBe('');
});

test.each([
  ...['pending', 'rejected', 'cancelled', 'expired', 'scheduled', 'activating'],
  ...['active', 'ending', 'ended', 'revoked', 'failed'],
])('the status %s is a word and an icon, and stands in data-status', (status) => {
  const html = render('_status-badge', { badge: { status } });
  expect(html).toContain(`data-status="${status}"`);
  expect(html).toMatch(new RegExp(`</svg>${status}<`, 'i'));
  expect(html).toMatch(/<svg[^>]*aria-hidden="true"[^>]*><\w/);
});

test('a late end says so in words', () => {
  expect(render('_status-badge', { badge: { status: 'ending', overdue: true } })).toContain('Ending, overdue');
});

test('a time stands in the reader’s zone and carries UTC', () => {
  const at = new Date('2026-11-22T23:30:00Z');
  expect(render('_time', { at })).toBe(
    '<time datetime="2026-11-22T23:30:00Z" title="2026-11-22 23:30:00 UTC">2026-11-23 00:30</time>',
  );
  expect(render('_time', { at: null })).toContain('–');
});

test('filters become chips that can be removed one by one', () => {
  const html = render('_filters', {
    filters: {
      address: '/requests?q=a%26b&status=active&cursor=xyz',
      search: { label: 'Search', value: 'a&b' },
      fields: [
        {
          name: 'status',
          label: 'Status',
          type: 'select',
          value: 'active',
          options: [{ value: 'active', label: 'Active' }],
        },
      ],
    },
  });
  expect(html).toContain('href="/requests?status=active"');
  expect(html).toContain('href="/requests?q=a%26b"');
  expect(html).toContain('Status: Active');
  expect(html).toMatch(/href="\/requests">Clear filters/);
});

test('changing a filter goes back to the first page', () => {
  expect(withQuery('/requests?cursor=abc&status=active', { q: 'x y' })).toBe('/requests?status=active&q=x+y');
  expect(withQuery('/requests?status=active', { status: null })).toBe('/requests');
});

test('a cursor comes back as it went, and anything else is the start of the list', () => {
  const cursor = createCursor(z.tuple([z.iso.datetime(), z.uuid()]));
  const key: [string, string] = ['2026-11-22T14:05:00Z', 'c0a80101-0000-4000-8000-000000000001'];
  expect(cursor.decode(cursor.encode(key))).toEqual(key);
  const foreign = Buffer.from('["x","y"]').toString('base64url');
  for (const wrong of [undefined, '', 'a b', foreign, ['a'], 'x'.repeat(900), '{}'])
    expect(cursor.decode(wrong)).toBeNull();
});

test('a page has a next one only where a further row was found', () => {
  expect(pageOf([1, 2, 3], String, 2)).toEqual({ rows: [1, 2], next: '2' });
  expect(pageOf([1, 2], String, 2)).toEqual({ rows: [1, 2], next: null });
  expect(pageOf([], String, 2)).toEqual({ rows: [], next: null });
});

test('navigation offers what exists and is open to the person, with counts, and marks where one is', () => {
  const rules = new Map<string, AccessRule>([
    ['/', 'person'],
    ['/requests', 'person'],
    ['/requests/new', 'person'],
    ['/approvals', ['approver', 'admin']],
    ['/admin/settings', 'admin'],
    ['/audit/log', 'auditor'],
    ['/admin/policy-changes', ['admin', 'auditor']],
    ['/admin/settings/history', ['admin', 'auditor']],
  ]);
  const shown = (path: string, personas: ('approver' | 'admin' | 'auditor')[], marked?: string) =>
    navigation(rules, { ...ADA, personas: new Set(personas) }, { '/approvals': 2 }, path, marked).flatMap(
      ({ label, entries }) =>
        entries.map((entry) => `${label}/${entry.label}${entry.current ? '*' : ''}${entry.count || ''}`),
    );
  expect(shown('/requests/7', ['approver'], '/approvals')).toEqual([
    '/Home',
    'Requests/Create request',
    'Requests/My requests',
    'Approvals/Approve requests*2',
  ]);
  expect(shown('/requests/7', [])).toEqual(['/Home', 'Requests/Create request', 'Requests/My requests']);
  expect(shown('/requests/7', [], '/requests')).toContain('Requests/My requests*');
  expect(shown('/requests/new', [])).toEqual(['/Home', 'Requests/Create request*', 'Requests/My requests']);
  expect(shown('/', ['admin'])).toEqual([
    '/Home*',
    'Requests/Create request',
    'Requests/My requests',
    'Approvals/Approve requests2',
    'Administration/Policy changes',
    'Administration/Settings',
  ]);
  expect(shown('/admin/settings/history', ['auditor']).slice(3)).toEqual([
    'Audit/Audit log',
    'Audit/Policy changes',
    'Audit/Settings history*',
  ]);
  expect(shown('/admin/settings/history', ['auditor', 'admin']).slice(4)).toEqual([
    'Audit/Audit log',
    'Administration/Policy changes',
    'Administration/Settings*',
  ]);
});
