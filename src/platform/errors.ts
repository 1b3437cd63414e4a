/** Sentences for the fields of a form, by field name. */
export type FieldErrors = Record<string, string>;

/**
 * A refusal or failure that a person is to read. The message is a full sentence in plain words that says what
 * to do; it never holds what an attacker could learn from. `web/errors.ts` maps the subclass to a status.
 */
export abstract class AppError extends Error {
  abstract readonly status: number;
  /** A stable word for logs, audit and tests: 'not-eligible', 'already-decided'. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The person may know of it but may not do it. */
export class ForbiddenError extends AppError {
  readonly status = 403;
}

/** It does not exist, or the person may not know that it does. */
export class NotFoundError extends AppError {
  readonly status = 404;
}

/** The state moved on since the person looked. */
export class ConflictError extends AppError {
  readonly status = 409;
}

/** Wrong input: one sentence at each wrong field. Nothing was changed. */
export class InvalidInputError extends AppError {
  readonly status = 422;
  readonly fields: FieldErrors;

  constructor(fields: FieldErrors) {
    super('invalid-input', Object.values(fields)[0] ?? 'Something in the form is not right.');
    this.fields = fields;
  }
}

/** Something that we need is away: the database, Identity Center. Trying again later is right. */
export class UnavailableError extends AppError {
  readonly status = 503;
}

/** The message of anything that was thrown, for a log or a stored last error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
