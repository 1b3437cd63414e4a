// A deep link carries its account and role behind the #, which never reaches the server: ask again with them in front.
const forward = () => {
  const [page, query] = location.hash.replace(/^#\/?/, '').split('?');
  if (page === 'console') location.replace(`/start/console?${query ?? ''}`);
};
addEventListener('hashchange', forward);
forward();
