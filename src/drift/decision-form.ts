import { z } from 'zod';
import type { DriftVerdict } from './decide-finding.ts';

/** No more at a time: whoever decides is to have looked at each. */
export const AT_ONCE = 20;

/** Several choices come as one field each, or as one field with commas from the page that asks again. */
const Chosen = z.preprocess(
  (value) => (value === undefined || value === '' ? [] : [value].flat().flatMap((each) => String(each).split(','))),
  z
    .array(z.string().regex(/^[0-9a-f-]{36}:(open|left)$/, 'Reload the page and choose again.'))
    .min(1, 'Choose at least one finding.')
    .max(AT_ONCE, {
      error: ({ input }) =>
        `You chose ${Array.isArray(input) ? input.length : 'too many'}. Choose at most ${AT_ONCE} findings at a time.`,
    }),
);

const Common = z.object({
  chosen: Chosen,
  verdict: z.enum(['leave', 'adopt', 'remove'], 'Press Leave, Adopt or Remove.'),
  reason: z
    .string('Say why, in a sentence: it is kept with the decision.')
    .trim()
    .min(1, 'Say why, in a sentence: it is kept with the decision.')
    .max(1000, 'Keep it to 1,000 characters.'),
  confirmed: z.string().optional(),
});

/** The form of a decision; `longest`: the portal's longest duration in minutes. */
export function decisionForm(longest: number) {
  return z
    .object({ verdict: z.string().optional(), durationMinutes: z.unknown().optional() })
    .loose()
    .transform((body) => (body.verdict === 'adopt' ? body : { ...body, durationMinutes: 60 }))
    .pipe(
      Common.extend({
        durationMinutes: z.coerce
          .number('Give whole minutes.')
          .int('Give whole minutes.')
          .min(1, 'Give at least one minute.')
          .max(longest, `At most ${longest.toLocaleString('en')} minutes, the longest duration of the portal.`),
      }),
    );
}

export function choicesOf(chosen: string[]): { findingId: string; seenAs: 'open' | 'left' }[] {
  const split = chosen.map((each) => each.split(':'));
  return split.map(([findingId = '', seenAs]) => ({ findingId, seenAs: seenAs === 'left' ? 'left' : 'open' }));
}

export const DONE: Record<DriftVerdict, string> = {
  leave: 'left as it is.',
  adopt: 'will be adopted: its end begins once AWS shows it.',
  remove: 'is being removed.',
};
