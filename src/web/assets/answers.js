// [data-answers="form id"]: an answer about a form, kept up to date by htmx. From the form's first change until the answer
// to what it says then, the old one is marked as such.

/** How often the form changed, by answer; and how often it had when a request was sent. */
const changes = new WeakMap();
const asked = new WeakMap();

function answersTo(form) {
  return form?.id ? document.querySelectorAll(`[data-answers="${CSS.escape(form.id)}"]`) : [];
}

function onChange(event) {
  const form = event.target instanceof Element ? event.target.closest('form') : null;
  for (const answer of answersTo(form)) {
    changes.set(answer, (changes.get(answer) ?? 0) + 1);
    answer.setAttribute('aria-busy', 'true');
  }
}

function answerOf(event) {
  const target = event.detail?.ctx?.target;
  return target instanceof Element && target.matches('[data-answers]') ? target : null;
}

document.addEventListener('input', onChange);
document.addEventListener('change', onChange);
document.addEventListener('htmx:before:request', (event) => {
  const answer = answerOf(event);
  if (answer === null) return;
  asked.set(event.detail.ctx, changes.get(answer) ?? 0);
  answer.setAttribute('aria-busy', 'true');
});
document.addEventListener('htmx:finally:request', (event) => {
  const answer = answerOf(event);
  const { ctx } = event.detail ?? {};
  if (answer === null || asked.get(ctx) !== (changes.get(answer) ?? 0)) return;
  if (ctx.status === 'swapped') answer.removeAttribute('aria-busy');
});
// An old answer must not stay as if it were the new one.
document.addEventListener('htmx:error', (event) => {
  const answer = answerOf(event);
  if (answer === null) return;
  const words = document.createElement('p');
  words.className = 'hint';
  words.textContent = answer.dataset.failed ?? 'That did not work. Try again.';
  answer.replaceChildren(words);
  answer.removeAttribute('aria-busy');
});
