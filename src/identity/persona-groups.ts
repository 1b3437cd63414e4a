import { record, systemActor } from '../audit/index.ts';
import { resolveGroupName } from '../directory/index.ts';
import type { Tx } from '../platform/db.ts';
import { messageOf } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { type PinnedGroup, pinGroup, pinnedGroups } from './store.ts';

/** Identity Store API, GroupId. */
const GROUP_ID = /^([0-9a-f]{10}-)?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export interface PersonaGroups {
  admin: string[];
  auditor: string[];
}

/** The IDs of the groups that make people administrators and auditors, as far as they are known. */
export async function personaGroups({ config }: Pick<Platform, 'config'>, tx: Tx): Promise<PersonaGroups> {
  const wanted = configured(config);
  const byName = wanted.filter(({ name }) => !GROUP_ID.test(name));
  const pins = byName.length > 0 ? await pinnedGroups(tx) : [];
  const ids = (persona: PinnedGroup['persona']) =>
    wanted
      .filter((each) => each.persona === persona)
      .map(({ name }) => (GROUP_ID.test(name) ? name : pinOf(pins, persona, name)))
      .filter((id) => id !== undefined);
  return { admin: ids('admin'), auditor: ids('auditor') };
}

/**
 * Pins each group that the configuration names by its display name to the ID that Identity Center gives for it now,
 * once and for all: whoever later renames a group to that name gains nothing by it. What cannot be resolved is logged,
 * and left for the next time; to be called at start, before each copy of the directory, and at a sign-in.
 */
export async function resolvePersonaGroups(platform: Platform): Promise<void> {
  const { config, db, log } = platform;
  const byName = configured(config).filter(({ name }) => !GROUP_ID.test(name));
  const pins = byName.length > 0 ? await pinnedGroups(db.prisma) : [];
  for (const { persona, name } of byName) {
    if (pinOf(pins, persona, name) !== undefined) continue;
    try {
      const groupId = await resolveGroupName(platform, name);
      if (groupId === null) log.warn({ persona, group: name }, 'Identity Center has no group of this name');
      else await pin(db, { persona, configured: name, groupId });
    } catch (error) {
      log.warn({ err: messageOf(error), persona, group: name }, 'a group of the configuration could not be resolved');
    }
  }
}

async function pin(db: Platform['db'], group: PinnedGroup): Promise<void> {
  await db.tx(async (tx) => {
    if (!(await pinGroup(tx, group))) return;
    const subject = { kind: 'group', id: group.groupId };
    await record(tx, { kind: 'persona-group.pinned', actor: systemActor('identity'), subject, after: { ...group } });
  });
}

function configured({ adminGroups, auditorGroups }: Platform['config']) {
  return [
    ...adminGroups.map((name) => ({ persona: 'admin' as const, name })),
    ...auditorGroups.map((name) => ({ persona: 'auditor' as const, name })),
  ];
}

function pinOf(pins: PinnedGroup[], persona: string, name: string): string | undefined {
  return pins.find((pin) => pin.persona === persona && pin.configured === name)?.groupId;
}
