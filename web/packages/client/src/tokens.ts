import type { TokensAnswer } from "@uchat/contracts";
import type { Clock } from "./clock";
import { ApiError, SignedOutError } from "./errors";
import type { TokenSource } from "./link";
import type { KeyValue } from "./storage";

const KEY = "uchat.account";

/** Who is signed in on this browser. */
export interface StoredAccount {
  userId: string;
  refreshToken: string;
}

/** Run a task while no other window of this browser runs one. */
export type Exclusive = <T>(task: () => Promise<T>) => Promise<T>;

export interface TokensDeps {
  storage: KeyValue;
  clock: Clock;
  exclusive: Exclusive;
  /** Exchange a refresh token for new ones; an ApiError with status 401 ends the sign-in. */
  refresh(refreshToken: string): Promise<TokensAnswer>;
  signedOut(): void;
}

/**
 * The tokens of one window.
 *
 * The access token (minutes) is kept in memory. The refresh token is kept in localStorage so that
 * a reload and a second window stay signed in; a script that could read it there could as well act
 * in the page's name, which is why the page runs no script but its own (script-src 'self', nothing
 * rendered as HTML). Its family is revoked as soon as an old one is used again: so windows take
 * turns at renewing, and each looks first whether another has already done it.
 */
export class Tokens implements TokenSource {
  readonly #deps: TokensDeps;
  #access: { token: string; expiresAt: number; user: string } | null = null;
  #renewing: Promise<string> | null = null;

  constructor(deps: TokensDeps) {
    this.#deps = deps;
  }

  get account(): StoredAccount | null {
    const text = this.#deps.storage.get(KEY);
    if (text === null) return null;
    try {
      const account = JSON.parse(text) as Partial<StoredAccount>;
      const { userId, refreshToken } = account;
      return userId && refreshToken ? { userId, refreshToken } : null;
    } catch {
      return null;
    }
  }

  accept(signedIn: TokensAnswer): void {
    const { user_id: userId, refresh_token: refreshToken } = signedIn;
    this.#deps.storage.set(KEY, JSON.stringify({ userId, refreshToken }));
    this.#access = {
      token: signedIn.access_token,
      expiresAt: this.#deps.clock.now() + signedIn.expires_in * 1_000,
      user: userId,
    };
  }

  /** Go on as whoever is signed in on this browser now: another window may have changed that. */
  adopt(): void {
    if (this.#access?.user !== this.account?.userId) this.#access = null;
  }

  forget(): void {
    this.#access = null;
    this.#deps.storage.remove(KEY);
  }

  async access(lifeMs: number): Promise<string> {
    const access = this.#access;
    const lives = access !== null && access.expiresAt - this.#deps.clock.now() > lifeMs;
    return lives ? access.token : await this.renew();
  }

  renew(): Promise<string> {
    this.#renewing ??= this.#deps
      .exclusive(() => this.#renew())
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  async #renew(): Promise<string> {
    const account = this.account;
    const someoneElse = this.#access !== null && account?.userId !== this.#access.user;
    if (account === null || someoneElse) return this.#end();
    let signedIn: TokensAnswer;
    try {
      signedIn = await this.#deps.refresh(account.refreshToken);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        this.forget();
        return this.#end();
      }
      throw error;
    }
    this.accept(signedIn);
    return signedIn.access_token;
  }

  #end(): never {
    this.#access = null;
    this.#deps.signedOut();
    throw new SignedOutError();
  }
}

/** Web Locks where there are any (https and localhost), else turns within this window only. */
export function browserExclusive(name: string): Exclusive {
  const locks: LockManager | undefined = navigator.locks;
  if (locks === undefined) return (task) => task();
  return async (task) => await locks.request(name, task);
}
