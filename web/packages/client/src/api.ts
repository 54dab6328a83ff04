import type {
  MeAnswer,
  History,
  SessionCreated,
  SessionChange,
  SessionList,
  SessionInfo,
  TokensAnswer,
} from "@uchat/contracts";
import { ApiError } from "./errors";
import { callJson, type Call, type Fetch } from "./http";
import type { TokenSource } from "./link";

const CHAT = "/api/v1/unified-chat";
const AUTH = "/api/v1/auth";
const TOKEN_LIFE_MS = 10_000;
const MOST_SESSIONS = 200;

/** Calls that need nobody to be signed in. */
export class AuthApi {
  readonly #base: string;
  readonly #fetch: Fetch;

  constructor(base: string, fetcher: Fetch) {
    this.#base = base;
    this.#fetch = fetcher;
  }

  guest(): Promise<TokensAnswer> {
    return this.#post("guest", undefined);
  }

  login(email: string, password: string): Promise<TokensAnswer> {
    return this.#post("login", { email, password, remember_me: true });
  }

  register(email: string, password: string, fullName: string): Promise<unknown> {
    return this.#post("register", { email, password, full_name: fullName });
  }

  refresh(refreshToken: string): Promise<TokensAnswer> {
    return this.#post("refresh", { refresh_token: refreshToken });
  }

  #post<T>(path: string, body: unknown): Promise<T> {
    return callJson<T>(this.#fetch, `${this.#base}${AUTH}/${path}`, { method: "POST", body });
  }
}

/** Calls in the name of who is signed in. */
export class ChatApi {
  readonly #base: string;
  readonly #fetch: Fetch;
  readonly #tokens: TokenSource;

  constructor(base: string, fetcher: Fetch, tokens: TokenSource) {
    this.#base = base;
    this.#fetch = fetcher;
    this.#tokens = tokens;
  }

  me(): Promise<MeAnswer> {
    return this.#call(`${AUTH}/me`);
  }

  logout(): Promise<void> {
    return this.#call(`${AUTH}/logout`, { method: "POST" });
  }

  /** The conversations that were used last. */
  sessions(): Promise<SessionList> {
    return this.#call(`${CHAT}/sessions?limit=${MOST_SESSIONS}`);
  }

  newSession(mode: string | null): Promise<SessionCreated> {
    const body = { interface: "web_chat", ...(mode === null ? {} : { mode }) };
    return this.#call(`${CHAT}/session/new`, { method: "POST", body });
  }

  change(sessionId: string, change: SessionChange): Promise<SessionInfo> {
    return this.#call(`${CHAT}/session/${sessionId}`, { method: "PATCH", body: change });
  }

  erase(sessionId: string): Promise<void> {
    return this.#call(`${CHAT}/session/${sessionId}`, { method: "DELETE" });
  }

  /** Entries before `before`, oldest first. */
  history(sessionId: string, before: number, limit: number): Promise<History> {
    return this.#call(`${CHAT}/history/${sessionId}?before=${before}&limit=${limit}`);
  }

  async #call<T>(path: string, call: Call = {}): Promise<T> {
    const token = await this.#tokens.access(TOKEN_LIFE_MS);
    try {
      return await callJson<T>(this.#fetch, this.#base + path, { ...call, token });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      // The token may have been revoked early or signed by a key that is gone: once more.
      const renewed = await this.#tokens.renew();
      return await callJson<T>(this.#fetch, this.#base + path, { ...call, token: renewed });
    }
  }
}
