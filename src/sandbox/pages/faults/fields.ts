import { type Html, html } from '../html.ts';

/** What somebody sent that made no sense, to be shown again with a sentence at each wrong field. */
export interface Refused {
  /** Which form it was. */
  form: string;
  values: Record<string, string>;
  /** Field → sentence. */
  wrong: Record<string, string>;
}

export interface Option {
  value: string;
  label: string;
}

interface Field {
  /** Unique on the page. */
  id: string;
  name: string;
  label: string;
  value: string;
  hint?: string | undefined;
  wrong?: string | undefined;
}

/** More than this many options are typed instead of chosen. */
const MOST_OPTIONS = 300;

/** A field for a number, with its unit. */
export function numberField(field: Field & { unit: string }): Html {
  return labelled(
    field,
    html`<span class="unit"><input id="${field.id}" name="${field.name}" value="${field.value}" inputmode="decimal"
autocomplete="off"${described(field)}> <span>${field.unit}</span></span>`,
  );
}

/** A field to choose from a list; where that is too long, to type a name or an ID. */
export function choiceField(field: Field & { options: readonly Option[] }): Html {
  const { id, name, value, options } = field;
  if (options.length > MOST_OPTIONS) {
    const typed = { ...field, hint: 'Type the name or the ID.' };
    return labelled(
      typed,
      html`<input id="${id}" name="${name}" value="${value}" autocomplete="off"${described(typed)}>`,
    );
  }
  return labelled(
    field,
    html`<select id="${id}" name="${name}"${described(field)}>${options.map(
      (option) =>
        html`<option value="${option.value}"${option.value === value ? ' selected' : ''}>${option.label}</option>`,
    )}</select>`,
  );
}

function labelled(field: Field, control: Html): Html {
  const { id, label, hint, wrong } = field;
  return html`<div class="field"><label for="${id}">${label}</label>${control}
${hint ? html`<span class="quiet" id="${id}-hint">${hint}</span>` : ''}
${wrong ? html`<span class="bad" id="${id}-wrong">${wrong}</span>` : ''}</div>`;
}

function described({ id, hint, wrong }: Field): Html {
  const by = [wrong && `${id}-wrong`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return html`${by && html` aria-describedby="${by}"`}${wrong && html` aria-invalid="true"`}`;
}
