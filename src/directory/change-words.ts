import type { Change, ChangeKind } from './change-store.ts';

export const CHANGE_KIND_WORDS: Record<ChangeKind, string> = {
  account: 'Account',
  organizational_unit: 'Organizational unit',
  permission_set: 'Permission set',
  user: 'User',
  group: 'Group',
};

/** What changed, as a word and, where there are some, the value before and after. */
export function changeInWords({ what, oldValue, newValue }: Pick<Change, 'what' | 'oldValue' | 'newValue'>): {
  word: string;
  from: string | null;
  to: string | null;
} {
  const bare = (word: string) => ({ word, from: null, to: null });
  const valued = (word: string) => ({ word, from: oldValue, to: newValue });
  switch (what) {
    case 'appeared':
      return bare('Appeared');
    case 'vanished':
      return bare('Vanished');
    case 'renamed':
      return valued('Renamed');
    case 'moved':
      return valued('Moved');
    case 'state':
      return valued('State');
    case 'enabled':
      return bare('Enabled');
    case 'disabled':
      return bare('Disabled');
    case 'management':
      return bare(
        newValue === 'true' ? 'Provisioned to the management account' : 'No longer in the management account',
      );
  }
}
