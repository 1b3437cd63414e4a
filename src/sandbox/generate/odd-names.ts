/** One hundred characters, the way people who are asked for "a telling name" fill a field. */
const LONG = 'Platform engineering and site reliability for every customer facing service in Europe and beyond, v2';

/** Names that break what was not built for them: quotes, markup, writing from right to left, a hundred characters. */
const ODD_NAMES = [
  `O'Brien & "Söhne"`,
  '<b>Bold</b> & <script>alert(1)</script>',
  'فريق المدفوعات',
  LONG,
  'מחלקת תשתיות',
  '100% ; -- drop table',
  '=HYPERLINK("x")',
  '部門 テスト 😀',
];

/** AWS takes only printable ASCII, and no more than fifty characters, as the name of an account. */
const ODD_ACCOUNT_NAMES = [
  `o'brien "prod" account`,
  '<img src=x onerror=alert(1)>',
  'payments & ledger; 100% -- live',
  'an-account-whose-name-takes-all-fifty-characters-x',
];

/** An odd name at every `every`th index, with the index in it where names must differ; undefined elsewhere. */
export function oddName(index: number, every: number): string | undefined {
  return index > 0 && index % every === 0 ? at(ODD_NAMES, index / every) : undefined;
}

export function oddAccountName(index: number, every: number): string | undefined {
  return index > 0 && index % every === 0 ? at(ODD_ACCOUNT_NAMES, index / every) : undefined;
}

function at(names: readonly string[], index: number): string | undefined {
  return names[(index - 1) % names.length];
}
