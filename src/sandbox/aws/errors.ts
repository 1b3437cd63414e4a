/** An error answer of an AWS API; `code` is what the SDK turns into its typed exception. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error's shape, such as `ResourceType`. */
  readonly members: Record<string, unknown>;

  constructor(code: string, message: string, status = 400, members: Record<string, unknown> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** What is named does not exist. */
export function notFound(message: string, members?: Record<string, unknown>): AwsError {
  return new AwsError('ResourceNotFoundException', message, 400, members);
}

/** The caller may not do this. */
export function accessDenied(message: string): AwsError {
  return new AwsError('AccessDeniedException', message);
}

/** The input does not fit the published shape. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** HTTP 503, as a load balancer in front of a service that is away answers. */
export function unavailable(): AwsError {
  return new AwsError('ServiceUnavailableException', 'Service is unable to handle request.', 503);
}

/** HTTP 500. */
export function internalFailure(): AwsError {
  return new AwsError('InternalServerException', 'An unexpected internal service exception was encountered', 500);
}
