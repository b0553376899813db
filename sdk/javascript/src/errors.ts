/** Everything that this package throws. */
export class LLMEvalError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No answer came: refused, reset, or not resolved. The same request again is safe. */
export class APIConnectionError extends LLMEvalError {}

/** No answer came in time. */
export class APITimeoutError extends APIConnectionError {}

/** A signature that does not fit, or is too old. */
export class WebhookVerificationError extends LLMEvalError {}

export interface ErrorAnswer {
  status: number;
  message: string;
  errors?: string[];
  requestId?: string | undefined;
  body?: unknown;
  /** Seconds. */
  retryAfter?: number | undefined;
}

/** The server answered that it did not do it. */
export class APIError extends LLMEvalError {
  readonly status: number;
  /** Every fault, each naming its field. */
  readonly errors: string[];
  readonly requestId: string | undefined;
  /** The parsed answer. */
  readonly body: unknown;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined;

  constructor(answer: ErrorAnswer) {
    super(withFaults(answer.message, answer.errors ?? []));
    this.status = answer.status;
    this.errors = answer.errors ?? [];
    this.requestId = answer.requestId;
    this.body = answer.body;
    this.retryAfter = answer.retryAfter;
  }

  static of(answer: ErrorAnswer): APIError {
    const kind = byStatus[answer.status] ?? (answer.status >= 500 ? ServerError : APIError);
    return new kind(answer);
  }
}

/** The message of a batch only counts: what is logged has to say why as well. */
function withFaults(message: string, errors: string[]): string {
  return errors.length === 0 || errors.some((error) => message.includes(error)) ? message : `${message}: ${errors.slice(0, 3).join('; ')}`;
}

export class BadRequestError extends APIError {}
export class AuthenticationError extends APIError {}
export class PermissionDeniedError extends APIError {}
export class NotFoundError extends APIError {}
export class ConflictError extends APIError {}
export class PayloadTooLargeError extends APIError {}
export class ValidationError extends APIError {}
export class RateLimitError extends APIError {}
export class ServerError extends APIError {}

const byStatus: Record<number, typeof APIError> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  413: PayloadTooLargeError,
  422: ValidationError,
  429: RateLimitError,
};
