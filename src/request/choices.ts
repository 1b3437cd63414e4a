import { formatMinutes } from '../platform/time.ts';
import { type ComboboxChoices, type ComboboxOption, comboboxNote } from '../web/index.ts';
import { accountsOf, type Offered, type OfferedAccount, type RoleChoice } from './offered.ts';

/** So many are listed; beyond, people narrow the list. */
const LISTED = 50;

/** The accounts that match what was typed: favourites first, then what was asked for lately, then all the others. */
export function accountChoices(offered: Offered, { q, value }: { q: string; value: string }): ComboboxChoices {
  const { favourites, recent } = offered.pinned;
  const found = accountsOf(offered, { q, limit: LISTED });
  const pinned = new Map<string, OfferedAccount>();
  if (favourites.length + recent.length > 0) {
    const only = new Set([...favourites, ...recent]);
    for (const each of accountsOf(offered, { q, limit: only.size, only }).items) pinned.set(each.id, each);
  }
  const take = (ids: string[]) =>
    ids.flatMap((id) => {
      const account = pinned.get(id);
      return account ? [account] : [];
    });
  const starred = take(favourites);
  const lately = take(recent.filter((id) => !favourites.includes(id)));
  const first = new Set([...starred, ...lately].map(({ id }) => id));
  const others = found.items.filter(({ id }) => !first.has(id)).slice(0, Math.max(0, LISTED - first.size));
  const groups = [
    { label: 'Favourites', options: starred.map(accountOption) },
    { label: 'Recent', options: lately.map(accountOption) },
    { label: q === '' ? 'All that are offered to you' : 'Found', options: others.map(accountOption) },
  ].filter(({ options }) => options.length > 0);
  const shown = first.size + others.length;
  return { name: 'accountId', value, groups, note: comboboxNote(shown, found.total, q, 'accounts') };
}

export function accountOption({ id, name, ouPath, unavailable }: OfferedAccount): ComboboxOption {
  return { value: id, name, detail: `${id} · ${ouPath}`, unavailable };
}

/** The roles of the account whose name or description has all the words that were typed. */
export function roleChoices(roles: RoleChoice[], { q, value }: { q: string; value: string }): ComboboxChoices {
  const words = plain(q).split(/\s+/).filter(Boolean);
  const matching = roles.filter(({ permissionSet }) => {
    const text = plain(`${permissionSet.name} ${permissionSet.description}`);
    return words.every((word) => text.includes(word));
  });
  const begins = (role: RoleChoice) => plain(role.permissionSet.name).startsWith(plain(q).trim());
  const ranked = q === '' ? matching : [...matching.filter(begins), ...matching.filter((role) => !begins(role))];
  const options = ranked.slice(0, LISTED).map(roleOption);
  const note = comboboxNote(options.length, matching.length, q, 'roles');
  return { name: 'permissionSetArn', value, groups: [{ label: '', options }], note };
}

export function roleOption({
  permissionSetArn,
  permissionSet,
  longestMinutes,
  longestWithoutApprovalMinutes,
  unavailable,
}: RoleChoice): ComboboxOption {
  const free =
    longestWithoutApprovalMinutes > 0 ? `, ${formatMinutes(longestWithoutApprovalMinutes)} without approval` : '';
  const about = [
    permissionSet.description,
    `up to ${formatMinutes(longestMinutes)}${free}`,
    `sessions of ${formatMinutes(Math.round(permissionSet.sessionSeconds / 60))}`,
  ];
  return { value: permissionSetArn, name: permissionSet.name, detail: about.filter(Boolean).join(' · '), unavailable };
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
}
