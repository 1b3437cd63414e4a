const MOST_CHARACTERS = 2_000;
/** Pages to which returning after a sign-in makes no sense, or would go round in circles. */
const NOT_THESE = /^\/(login|logout|signed-out|saml)(\/|$)/;

/**
 * The page of ours that `text` names, as a path with its query; '/' for anything else. What a browser would take
 * for another site (`//host`, `/\host`, `/..//host`) is anything else.
 */
export function localPath(text: unknown, baseUrl: URL): string {
  if (typeof text !== 'string' || text.length > MOST_CHARACTERS) return '/';
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(text) || !URL.canParse(text, baseUrl.href)) return '/';
  const { origin, pathname, search } = new URL(text, baseUrl);
  if (origin !== baseUrl.origin || pathname.startsWith('//') || NOT_THESE.test(pathname)) return '/';
  return `${pathname}${search}`;
}

/** The same for a whole address, as htmx sends the page on which it runs. */
export function localPathOfUrl(address: unknown, baseUrl: URL): string {
  if (typeof address !== 'string' || !URL.canParse(address)) return '/';
  const { origin, pathname, search } = new URL(address);
  return origin === baseUrl.origin ? localPath(`${pathname}${search}`, baseUrl) : '/';
}
