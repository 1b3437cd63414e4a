// Choosing one of many by searching: makes a combobox with a listbox of each [data-combobox], as the WAI-ARIA practices
// have it ("editable combobox with list autocomplete"). The server searches; the focus stays in the field. Served in one file with app.js.

const COMBOBOX_WAIT_MS = 120;
const COMBOBOX_PAGE = 10;

function enhanceComboboxes(root) {
  for (const field of root.querySelectorAll('[data-combobox]:not([data-enhanced])')) {
    const plain = field.querySelector('[data-combobox-plain]');
    const rich = field.querySelector('template')?.content.firstElementChild?.cloneNode(true);
    if (!plain || !rich) continue;
    field.dataset.enhanced = '';
    const select = plain.querySelector('select');
    const option = select.selectedOptions[0];
    // Browsers put back what was chosen before the page was loaded again.
    rich.querySelector('input[type="hidden"]').value = select.value;
    rich.querySelector('[role="combobox"]').value = select.value === '' ? '' : (option?.dataset.name ?? '');
    const focused = plain.contains(document.activeElement);
    plain.replaceWith(rich);
    new Combobox(field, rich);
    if (focused) rich.querySelector('[role="combobox"]').focus();
  }
}

class Combobox {
  /** Chosen: its value and name. */
  #value;
  #text;
  #input;
  #hidden;
  #popup;
  #status;
  #source;
  #active = null;
  #timer = 0;
  #asking = null;
  /** What was typed is on its way to the server, or waits to be. */
  #searching = false;
  /** Somebody left the field before the answer came: then the only match is what they meant. */
  #left = false;

  constructor(field, rich) {
    this.#source = field.dataset.combobox;
    this.#input = rich.querySelector('[role="combobox"]');
    this.#hidden = rich.querySelector('input[type="hidden"]');
    this.#popup = rich.querySelector('.combobox-popup');
    this.#status = rich.querySelector('[role="status"]');
    this.#value = this.#hidden.value;
    this.#text = this.#input.value;
    this.#input.addEventListener('input', () => this.#typed());
    this.#input.addEventListener('keydown', (event) => this.#key(event));
    this.#input.addEventListener('click', () => this.#isOpen || this.#open());
    this.#input.addEventListener('focus', () => this.#input.select());
    this.#input.addEventListener('blur', () => this.#leave());
    // Only a choice is a change; text that is half typed is none.
    this.#input.addEventListener('change', (event) => event.stopPropagation());
    // A press on the list must not take the focus from the field.
    this.#popup.addEventListener('mousedown', (event) => event.preventDefault());
    this.#popup.addEventListener('click', (event) => this.#accept(event.target.closest('[role="option"]')));
  }

  get #isOpen() {
    return !this.#popup.hidden;
  }

  get #options() {
    return [...this.#popup.querySelectorAll('[role="option"]')];
  }

  #show(open) {
    this.#popup.hidden = !open;
    this.#input.setAttribute('aria-expanded', String(open));
    if (!open) this.#point(null);
  }

  /** Opens with everything that is offered, whatever is chosen. */
  #open(then) {
    this.#ask('', then);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#searching = false;
    this.#show(false);
  }

  #typed() {
    this.#left = false;
    this.#searching = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(this.#input.value.trim(), () => this.#pointFirst()), COMBOBOX_WAIT_MS);
  }

  async #ask(query, then) {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const address = new URL(this.#source, location.href);
    address.searchParams.set('q', query);
    this.#popup.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(address, {
        signal: asking.signal,
        headers: { 'HX-Request': 'true', 'HX-Current-URL': location.href },
      });
      // Signed out meanwhile: the answer names the way to sign in and come back.
      const elsewhere = answer.headers.get('hx-redirect');
      if (elsewhere) return location.assign(elsewhere);
      if (!answer.ok) throw new Error(String(answer.status));
      this.#popup.innerHTML = await answer.text();
      if (asking.signal.aborted) return;
    } catch {
      if (asking.signal.aborted) return;
      this.#popup.querySelector('[data-combobox-note]').textContent =
        'The list cannot be read at the moment. Type again to retry.';
    }
    this.#searching = false;
    this.#popup.removeAttribute('aria-busy');
    for (const option of this.#options)
      option.setAttribute('aria-selected', String(option.dataset.value === this.#value));
    if (this.#left) return this.#settle();
    this.#show(true);
    this.#status.textContent = this.#popup.querySelector('[data-combobox-note]')?.textContent ?? '';
    then?.();
  }

  /** Marks the option that Enter would choose; screen readers hear it while the focus stays in the field. */
  #point(option) {
    this.#active?.removeAttribute('data-active');
    this.#active = option;
    if (!option) return this.#input.removeAttribute('aria-activedescendant');
    option.setAttribute('data-active', '');
    option.scrollIntoView({ block: 'nearest' });
    this.#input.setAttribute('aria-activedescendant', option.id);
  }

  #pointFirst() {
    const typed = this.#input.value.trim() !== '';
    this.#point((typed && this.#options.find((option) => option.ariaDisabled !== 'true')) || null);
  }

  #move(step) {
    const options = this.#options;
    if (options.length === 0) return;
    const here = options.indexOf(this.#active);
    const last = options.length - 1;
    if (Math.abs(step) > 1) return this.#point(options[Math.min(last, Math.max(0, here + step))]);
    const next = here < 0 ? (step > 0 ? 0 : last) : (here + step + options.length) % options.length;
    this.#point(options[next]);
  }

  #key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (this.#isOpen ? this.#keyInList(event) : this.#keyInField(event)) event.preventDefault();
  }

  /** True where the key was for the list and is used up. */
  #keyInField({ key, altKey }) {
    if (key === 'ArrowDown') this.#open(() => altKey || this.#pointChosen(0));
    else if (key === 'ArrowUp') this.#open(() => this.#pointChosen(-1));
    else return key === 'Enter' && this.#enter();
    return true;
  }

  #keyInList({ key, altKey }) {
    switch (key) {
      case 'ArrowDown':
        this.#move(1);
        return true;
      case 'ArrowUp':
        if (altKey) this.#revert();
        else this.#move(-1);
        return true;
      case 'PageDown':
        this.#move(COMBOBOX_PAGE);
        return true;
      case 'PageUp':
        this.#move(-COMBOBOX_PAGE);
        return true;
      case 'Home':
      case 'End':
        // Without an option marked, the two move in the text as in any field.
        if (!this.#active) return false;
        this.#point(this.#options.at(key === 'Home' ? 0 : -1));
        return true;
      case 'Escape':
        this.#revert();
        return true;
      case 'Tab':
        if (this.#active && this.#input.value !== this.#text) this.#accept(this.#active);
        return false;
      default:
        return key === 'Enter' && this.#enter();
    }
  }

  #pointChosen(position) {
    const options = this.#options;
    this.#point(options.find((option) => option.dataset.value === this.#value) ?? options.at(position) ?? null);
  }

  /** While the list is open, or on its way, Enter is about the list and never sends the form. */
  #enter() {
    if (this.#searching) {
      this.#left = true;
      return true;
    }
    if (!this.#isOpen) return false;
    if (this.#active) this.#accept(this.#active);
    return true;
  }

  #accept(option) {
    if (!option) return;
    if (option.ariaDisabled === 'true') {
      this.#status.textContent = option.textContent.trim();
      return;
    }
    this.#choose(option.dataset.value, option.dataset.name);
  }

  #choose(value, name) {
    this.#close();
    const changed = value !== this.#value;
    this.#value = value;
    this.#text = name;
    this.#input.value = name;
    this.#hidden.value = value;
    if (changed) this.#hidden.dispatchEvent(new Event('change', { bubbles: true }));
  }

  #leave() {
    if (this.#searching) {
      this.#left = true;
      this.#show(false);
    } else {
      this.#settleText();
    }
  }

  /** The answer came after somebody had left the field, or pressed Enter. */
  #settle() {
    this.#left = false;
    const possible = this.#options.filter((option) => option.ariaDisabled !== 'true');
    const typed = this.#input.value.trim().toLowerCase();
    const same = possible.filter(
      (option) => option.dataset.name.toLowerCase() === typed || option.dataset.value === typed,
    );
    const [meant, another] = same.length > 0 ? same : possible;
    if (typed !== '' && meant && !another) return this.#accept(meant);
    if (document.activeElement !== this.#input) return this.#settleText();
    this.#show(true);
    this.#pointFirst();
  }

  /** What is left in the field is what is chosen; an empty field is no choice. */
  #settleText() {
    if (this.#input.value.trim() === '' && this.#value !== '') this.#choose('', '');
    else this.#revert();
  }

  #revert() {
    this.#close();
    this.#input.value = this.#text;
  }
}

document.addEventListener('htmx:after:swap', () => enhanceComboboxes(document));
enhanceComboboxes(document);
