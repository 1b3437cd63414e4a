/** One thing that can be chosen. */
export interface ComboboxOption {
  value: string;
  name: string;
  /** What tells it from others of the same name: an ID, a path, an address. */
  detail: string;
  /** Why it cannot be chosen, as a sentence; null where it can. It is shown all the same. */
  unavailable: string | null;
}

/** What there is to choose from, as `views/shared/_combobox-options` shows it. */
export interface ComboboxChoices {
  /** The name of the form's field that the choice is sent as. */
  name: string;
  /** What is chosen; empty for nothing. */
  value: string;
  /** Options under headings; a heading may be empty where there is only one group. */
  groups: { label: string; options: ComboboxOption[] }[];
  /** How many there are, or what to do: see `comboboxNote`. */
  note: string;
}

/** A field in which one thing is chosen by searching: see `views/shared/_combobox`. */
export interface Combobox extends ComboboxChoices {
  label: string;
  hint: string;
  error: string;
  required: boolean;
  /** What stands first in the list without scripts, and in the empty field with them: 'Choose an account'. */
  placeholder: string;
  /** What is chosen, where it is something that can be chosen. */
  chosen: ComboboxOption | null;
  /** Answers `?q=` with `_combobox-options`. */
  source: string;
  /** For a form without scripts: the field of what is searched for, what was typed there, and the page to show it. */
  search: { name: string; value: string; label: string; address: string };
}

/** How much of what there is can be seen: '50 of 4,812 accounts: type to narrow.' `things`: in the plural. */
export function comboboxNote(shown: number, total: number, q: string, things: string): string {
  const count = (number: number) => number.toLocaleString('en');
  if (total === 0) return q === '' ? `There are no ${things} to choose from.` : `No ${things} match “${q}”.`;
  if (shown < total) return `${count(shown)} of ${count(total)} ${things}: type to narrow.`;
  if (q === '') return `All ${count(total)} ${things}.`;
  return total === 1 ? 'One match.' : `${count(total)} ${things} match.`;
}
