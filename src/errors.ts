/** The one family of errors that reaches a user. Thrown deep, rendered once per dialect. */

interface ErrorOptions {
  cause?: unknown;
  code?: string | undefined;
  param?: string | undefined;
}

/** An error with an HTTP status. The message names the thing, the problem and, where there is one, the remedy. */
export class PunaError extends Error {
  readonly status: number;
  /** A stable word for programs, such as `context_length_exceeded`. */
  readonly code: string | undefined;
  /** The field of the request that is wrong, such as `tools[0].function.name`. */
  readonly param: string | undefined;

  constructor(status: number, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.status = status;
    this.code = options.code;
    this.param = options.param;
  }
}

/** 400: the request cannot be served as it stands. */
export class Invalid extends PunaError {
  constructor(message: string, options?: ErrorOptions) {
    super(400, message, options);
  }
}

/** 404: the named thing is not here. */
export class NotFound extends PunaError {
  constructor(message: string, options?: ErrorOptions) {
    super(404, message, options);
  }
}

/** 499: the client left before the answer. */
export class Canceled extends PunaError {
  constructor(message = "request canceled", options?: { cause?: unknown }) {
    super(499, message, options);
  }
}

/** 500: Puna, the engine or the machine failed. */
export class Failed extends PunaError {
  constructor(message: string, options?: ErrorOptions) {
    super(500, message, options);
  }
}

/** 503: too much to do at the moment. The text is Ollama's; its clients look for it. */
export class Busy extends PunaError {
  constructor(message = "server busy, please try again.  maximum pending requests exceeded", options?: { cause?: unknown }) {
    super(503, message, options);
  }
}

/** The code of a system error, such as `ENOENT`; undefined for anything else. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
