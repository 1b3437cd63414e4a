import type { Tx } from '../platform/db.ts';
import { formatInZone } from '../platform/time.ts';
import { readOwnWords, type Subject } from '../policy/index.ts';
import { type FormValues, readStart } from './form.ts';
import { judgeWithPeople } from './judge.ts';
import { refusesStart } from './machine.ts';
import { accountOf, type Offered, type RoleChoice } from './offered.ts';
import { START_SENTENCES } from './refuse.ts';
import { type VerdictView, verdictView } from './verdict-view.ts';

/** What would happen with the form as it is filled in. */
export async function liveVerdict(
  tx: Tx,
  subject: Subject,
  values: FormValues,
  offered: Offered,
  roles: RoleChoice[],
): Promise<VerdictView> {
  if (values.accountId === '' || values.permissionSetArn === '') return { state: 'incomplete' };
  const { now, timeZone, settings, policies, directory } = offered;
  const account = directory.accounts.byId.get(values.accountId) ?? null;
  const permissionSet = directory.permissionSets.byArn.get(values.permissionSetArn) ?? null;
  const durationMinutes = Number(values.customMinutes || values.durationMinutes);
  const ask = {
    accountId: values.accountId,
    permissionSetArn: values.permissionSetArn,
    durationMinutes,
    // What is not filled in yet is asked for at the field, not held against the person here.
    ticketGiven: true,
  };
  const start = readStart(values.startsAt, timeZone);
  const [judgement, words] = await Promise.all([
    judgeWithPeople(
      tx,
      { settings, policies, account, permissionSet, availability: directory.availability, now },
      subject,
      ask,
    ),
    readOwnWords(
      tx,
      subject,
      // Where they may ask for nothing, no unit is known: an account that is there is told of as one that is not.
      { ...ask, ancestorIds: accountOf(offered, values.accountId)?.ancestorIds ?? [] },
      permissionSet?.name ?? '',
      { policies, limits: settings, now, formatDate: (at) => formatInZone(at, timeZone) },
    ),
  ]);
  const view = verdictView(judgement, { startsAt: start.at, durationMinutes }, { now, roles, words });
  if (view.state !== 'allowed') return view;
  const refusal = start.at && refusesStart(start.at, now);
  const reason = refusal ? START_SENTENCES[refusal] : start.error;
  return reason ? { state: 'refused', reason, words } : view;
}
