import { type Actor, record } from '../audit/index.ts';
import { appNow, type Tx } from '../platform/db.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../platform/errors.ts';
import type { Platform } from '../platform/index.ts';
import { wishInWords } from './loosening.ts';
import { closeLoosening, findLoosening, type Loosening, recordWithdrawal } from './loosening-store.ts';
import { Settings } from './schema.ts';
import { lockSettings, writeSettings } from './store.ts';

/**
 * Another admin confirms that something is loosened, which holds from now on. Throws `ForbiddenError` for whoever
 * asked for it, and `ConflictError` where it no longer waits.
 */
export async function confirmLoosening(platform: Platform, actor: Actor, id: string): Promise<Loosening> {
  return platform.db.tx(async (tx) => {
    const { settings, version } = await lockSettings(tx);
    const waiting = await findWaiting(tx, id);
    const { setting, newValue, askedById, askedByName } = waiting;
    if (askedById === actor.id) {
      throw new ForbiddenError(
        'same-admin',
        `You asked to ${wishInWords(setting, newValue)} yourself, so another admin has to confirm it.`,
      );
    }
    const at = await appNow(tx);
    await closeLoosening(tx, id, 'confirmed', actor, at);
    const after = Settings.parse({ ...settings, [setting]: newValue });
    const by = { id: actor.id, name: actor.name, at };
    if (!(await writeSettings(tx, after, version, by))) {
      throw new Error('settings changed while their row was locked');
    }
    await record(tx, {
      kind: 'settings.changed',
      actor,
      subject: { kind: 'settings', id: 'settings' },
      before: { [setting]: settings[setting] },
      after: { [setting]: after[setting], version: version + 1, looseningId: id, askedById, askedByName },
    });
    return waiting;
  });
}

/** An admin, whoever asked, takes the wish back; what it was about stays as it is. Throws `ConflictError` as above. */
export async function withdrawLoosening(platform: Platform, actor: Actor, id: string): Promise<Loosening> {
  return platform.db.tx(async (tx) => {
    await lockSettings(tx);
    const waiting = await findWaiting(tx, id);
    await closeLoosening(tx, id, 'withdrawn', actor, await appNow(tx));
    await recordWithdrawal(tx, waiting, actor);
    return waiting;
  });
}

async function findWaiting(tx: Tx, id: string): Promise<Loosening> {
  const found = await findLoosening(tx, id);
  if (found === null) throw new NotFoundError('no-loosening', 'Nobody asked for this. Look at the settings again.');
  if (found.outcome === null) return found;
  throw new ConflictError(
    'loosening-closed',
    `This no longer waits: ${found.closedByName ?? 'someone'} ${found.outcome === 'confirmed' ? 'confirmed it' : 'took it back'}. Look at the settings as they are now.`,
  );
}
