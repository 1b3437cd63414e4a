// What htmx does not do. Everything works without it; each part finds its elements by data-attributes.

// ---------------------------------------------------------------- copy

/** Buttons that can do nothing without scripts come hidden. */
function reveal(root) {
  for (const button of root.querySelectorAll('[data-copy][hidden], [data-open-keys][hidden]')) button.hidden = false;
}

async function copy(button) {
  const source = button.closest('.copyable')?.querySelector('[data-copy-text]');
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    return cannotCopy(button, source);
  }
  const word = button.querySelector('[data-copy-word]');
  const before = word?.textContent;
  if (button.dataset.copied !== undefined) return;
  button.dataset.copied = '';
  if (word) word.textContent = 'Copied';
  announce('Copied');
  setTimeout(() => {
    delete button.dataset.copied;
    if (word) word.textContent = before;
  }, 2000);
}

/** Browsers refuse the clipboard on plain HTTP and where a policy forbids it. The text is selected, ready for the keyboard. */
function cannotCopy(button, source) {
  getSelection()?.selectAllChildren(source);
  const place = button.closest('.copyable');
  if (place.querySelector('[data-copy-refused]')) return;
  const words = document.createElement('span');
  words.className = 'hint copy-refused';
  words.dataset.copyRefused = '';
  words.setAttribute('role', 'status');
  button.after(words);
  requestAnimationFrame(() => {
    words.textContent = 'Copying is not allowed here; select the text.';
  });
}

/** Says it to screen readers without showing it. */
function announce(text) {
  let region = document.getElementById('announcer');
  if (!region) {
    region = document.createElement('div');
    region.id = 'announcer';
    region.className = 'visually-hidden';
    region.setAttribute('role', 'status');
    document.body.append(region);
  }
  region.textContent = '';
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

// ---------------------------------------------------------------- countdown

/** How far the server's clock is ahead of this one, by element: the clock of a laptop may be anywhere. */
const ahead = new WeakMap();

function timeLeft(seconds) {
  if (seconds <= 0) return 'time is up';
  const [days, hours, minutes] = [
    Math.floor(seconds / 86400),
    Math.floor((seconds % 86400) / 3600),
    Math.floor((seconds % 3600) / 60),
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes >= 10) return `${minutes} min`;
  return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
}

function tick() {
  for (const element of document.querySelectorAll('[data-countdown]')) {
    const key = element.dataset.now;
    if (ahead.get(element)?.key !== key) ahead.set(element, { key, ms: Date.parse(key) - Date.now() });
    const seconds = Math.floor((Date.parse(element.dateTime) - Date.now() - ahead.get(element).ms) / 1000);
    const text = timeLeft(seconds);
    if (element.textContent !== text) element.textContent = text;
    element.toggleAttribute('data-soon', seconds < 900);
  }
}

// ---------------------------------------------------------------- keys

const KEYS_OFF = 'latchkey-keys-off';

function keysAreOff() {
  try {
    return localStorage.getItem(KEYS_OFF) === '1';
  } catch {
    return false;
  }
}

function isTyping(target) {
  return (
    target instanceof Element &&
    target.closest('input:not([type="checkbox"], [type="radio"]), select, textarea, [contenteditable]') !== null
  );
}

const ROW_FOCUS = '[data-row-focus], a[data-row-link], a[href]';

/** Moves the focus to the next or previous row's own link, or to what chooses it; Enter then opens it as any link. */
function walkRows(step) {
  const rows = [...document.querySelectorAll('[data-row]')].filter((row) => row.querySelector(ROW_FOCUS));
  if (rows.length === 0) return false;
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + step));
  const link = rows[next].querySelector('[data-row-focus]') ?? rows[next].querySelector(ROW_FOCUS);
  link.focus();
  link.scrollIntoView({ block: 'nearest' });
  return true;
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (keysAreOff() || document.querySelector('dialog[open]')) return;
  const done = {
    '/': () => focusSearch(),
    j: () => walkRows(1),
    k: () => walkRows(-1),
    '?': () => openKeys(),
  }[event.key]?.();
  if (done) event.preventDefault();
}

function focusSearch() {
  const field = document.querySelector('[data-search]');
  field?.focus();
  field?.select?.();
  return field !== null;
}

function openKeys() {
  const dialog = document.getElementById('keys');
  if (!dialog) return false;
  dialog.querySelector('[data-keys-switch]').checked = !keysAreOff();
  dialog.showModal();
  return true;
}

// ---------------------------------------------------------------- forms

/** A second click while the first is on its way does nothing. The server would refuse it as well. */
function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  if (form.method === 'get') {
    // An address with only what was filled in.
    const empty = [...form.elements].filter((field) => field.name && field.value === '' && !field.disabled);
    for (const field of empty) field.disabled = true;
    setTimeout(() => {
      for (const field of empty) field.disabled = false;
    });
    return;
  }
  if (form.method !== 'post') return;
  form.dataset.sent = '';
  form.setAttribute('aria-busy', 'true');
  // An answer that is a file, or none at all, leaves the page: it has to stay usable.
  setTimeout(() => allowAgain(document), 10_000);
}

function allowAgain(root) {
  for (const form of root.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent;
    form.removeAttribute('aria-busy');
  }
}

/** The first wrong field; where there is none, the summary. */
function focusFirstError(root) {
  if (!root.querySelector('[data-error-summary]')) return;
  const field = root.querySelector('[autofocus], [aria-invalid="true"]');
  if (field) field.focus();
}

// ---------------------------------------------------------------- choosing while a search is on its way

/** What the person ticked and unticked in a list of choices, by value: an answer that was made before must not undo it. */
const ticks = new WeakMap();

function rememberTick(box) {
  const list = box.closest('[data-keep-choices]');
  if (!list || box.type !== 'checkbox') return;
  if (!ticks.has(list)) ticks.set(list, new Map());
  ticks.get(list).set(box.value, { checked: box.checked, row: box.closest('li') });
  tellTaken(list, box);
}

/** What is chosen above stands among the results without a box of its own: its words follow the box above. */
function tellTaken(list, box) {
  for (const row of list.querySelectorAll('[data-taken]')) {
    if (row.dataset.taken === box.value) row.toggleAttribute('data-out', !box.checked);
  }
}

function keepTicks(list) {
  for (const [value, { checked, row }] of ticks.get(list) ?? []) {
    const box = list.querySelector(`input[value="${CSS.escape(value)}"]`);
    if (box) {
      box.checked = checked;
      tellTaken(list, box);
    } else if (checked) {
      row.classList.add('chip');
      list.querySelector('.picked')?.append(row);
    }
  }
}

// ---------------------------------------------------------------- waiting for what is away

async function watchRecovery() {
  if (!document.querySelector('[data-recovers]')) return;
  try {
    const answer = await fetch('/readyz', { cache: 'no-store' });
    if (answer.ok) return location.reload();
  } catch {
    // Not reachable at all: look again.
  }
  setTimeout(watchRecovery, 3000);
}

// ---------------------------------------------------------------- start

function prepare(root) {
  reveal(root);
  tick();
}

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const button = event.target.closest('[data-copy]');
  if (button) copy(button);
  if (event.target.closest('[data-open-keys]')) openKeys();
});
document.addEventListener('change', (event) => {
  rememberTick(event.target);
  if (!event.target.matches('[data-keys-switch]')) return;
  try {
    if (event.target.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, '1');
  } catch {
    // Storage is forbidden here: the choice lasts as long as the page.
  }
});
document.addEventListener('keydown', onKey);
document.addEventListener('submit', onSubmit);
// Coming back with the browser's Back: the form may be sent again.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) allowAgain(document);
});
document.addEventListener('htmx:before:request', (event) => {
  // A tab in the background does not ask for news.
  if (document.hidden && event.detail?.ctx?.sourceElement?.matches?.('[data-live]')) event.preventDefault();
});
document.addEventListener('htmx:after:swap', () => {
  for (const list of document.querySelectorAll('[data-keep-choices]')) keepTicks(list);
  prepare(document);
  focusFirstError(document);
});

prepare(document);
focusFirstError(document);
setInterval(tick, 1000);
watchRecovery();
