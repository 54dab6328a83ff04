import { ApiError } from "./errors";
import { callFile, callJson, type Call, type Fetch } from "./http";
import type { TokenSource } from "./link";

const TOKEN_LIFE_MS = 10_000;

/** Makes calls in the name of who is signed in. */
export class SignedCalls {
  readonly #base: string;
  readonly #fetch: Fetch;
  readonly #tokens: TokenSource;

  constructor(base: string, fetcher: Fetch, tokens: TokenSource) {
    this.#base = base;
    this.#fetch = fetcher;
    this.#tokens = tokens;
  }

  /** Make one call; every failure is an ApiError. */
  call<T>(path: string, call: Call = {}): Promise<T> {
    return this.#signed((token) => callJson<T>(this.#fetch, this.#base + path, { ...call, token }));
  }

  /** Fetch a file; every failure is an ApiError. */
  file(path: string): Promise<Blob> {
    return this.#signed((token) => callFile(this.#fetch, this.#base + path, { token }));
  }

  async #signed<T>(make: (token: string) => Promise<T>): Promise<T> {
    const token = await this.#tokens.access(TOKEN_LIFE_MS);
    try {
      return await make(token);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      // The token may have been revoked early or signed by a key that is gone: once more.
      return await make(await this.#tokens.renew());
    }
  }
}
