/** A problem of the server's (RFC 9457), or none at all: then `status` is 0. */
export class ApiError extends Error {
  readonly status: number;
  /** Stable, snake case; `network` when no answer came. */
  readonly code: string;
  readonly retryAfterMs: number | null;
  /** What the problem says beyond the standard members, as the decision that it is about. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    retryAfterMs: number | null = null,
    members: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.members = members;
  }

  /** Trying the same again later may work. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Nobody is signed in here, or the sign-in has ended for good. */
export class SignedOutError extends Error {
  override name = "SignedOutError";

  constructor() {
    super("Signed out");
  }
}
