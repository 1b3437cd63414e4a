import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDurations, parseDurations } from '../../src/settings/durations.ts';
import { readSettings } from '../../src/settings/index.ts';
import { createSettingsPortal } from './parts.ts';

test('durations are read as people write them, sorted, each once', () => {
  expect(parseDurations('30, 60, 2h')).toEqual([30, 60, 120]);
  expect(parseDurations('1 h 30 min; 45m\n1h30, 90 , 1 day, 2 hours,')).toEqual([45, 90, 120, 1440]);
  expect(parseDurations(' ')).toEqual([]);
  for (const text of ['1.5h', '-30', '30 60', 'two hours', '1h-2h', '1e3', '٣٠']) {
    expect(parseDurations(text), text).toBeNull();
  }
});

test('what is shown is read back as the same durations', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 10_080 }), { maxLength: 20 }), (minutes) => {
      expect(parseDurations(formatDurations(minutes))).toEqual(minutes.toSorted((a, b) => a - b));
    }),
  );
});

test('allowed durations are stored in minutes and shown as they are read', async () => {
  await using portal = await createSettingsPortal();
  const filled = { maxDurationMinutes: '480', requestExpiryMinutes: '60', timeZone: 'UTC', approvalEnabled: 'on' };
  await portal.post('/admin/settings', { ...filled, allowedDurationsMinutes: '2h, 30, 60, 30', version: '0' });
  expect((await readSettings(portal.db.prisma)).settings.allowedDurationsMinutes).toEqual([30, 60, 120]);
  expect((await portal.get('/admin/settings')).body).toMatch(/name="allowedDurationsMinutes" value="30 min, 1 h, 2 h"/);
  // What a script does not send stays; what it sends empty is emptied.
  await portal.post('/admin/settings', { ...filled, version: '1' });
  expect((await readSettings(portal.db.prisma)).settings.allowedDurationsMinutes).toEqual([30, 60, 120]);
  await portal.post('/admin/settings', { ...filled, allowedDurationsMinutes: '', version: '1' });
  expect((await readSettings(portal.db.prisma)).settings.allowedDurationsMinutes).toEqual([]);
});
