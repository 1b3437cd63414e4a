import { createHash } from 'node:crypto';

/**
 * A form's key together with what it says: sent twice it is one request, while a form that somebody goes back to
 * and changes makes another one.
 */
export function formKeyOf(formKey: string, said: (string | number | null)[]): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([formKey, ...said]))
    .digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
