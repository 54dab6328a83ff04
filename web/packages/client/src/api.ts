import type {
  AccountAnswer,
  Continued,
  MeAnswer,
  History,
  SessionCreated,
  SessionChange,
  SessionList,
  SessionInfo,
  TokensAnswer,
  Upgrade,
} from "@uchat/contracts";
import { callJson, type Call, type Fetch } from "./http";
import type { TokenSource } from "./link";
import { SignedCalls } from "./signed-calls";

const CHAT = "/api/v1/unified-chat";
const AUTH = "/api/v1/auth";
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

  /** Sign in by the one-time code behind "Continue on the web"; it works once. */
  continueFrom(code: string): Promise<Continued> {
    const call: Call = { method: "POST", body: { code } };
    return callJson<Continued>(this.#fetch, `${this.#base}/api/v1/links/continue`, call);
  }

  #post<T>(path: string, body: unknown): Promise<T> {
    return callJson<T>(this.#fetch, `${this.#base}${AUTH}/${path}`, { method: "POST", body });
  }
}

/** Calls in the name of who is signed in. */
export class ChatApi {
  readonly #calls: SignedCalls;

  constructor(base: string, fetcher: Fetch, tokens: TokenSource) {
    this.#calls = new SignedCalls(base, fetcher, tokens);
  }

  me(): Promise<MeAnswer> {
    return this.#call(`${AUTH}/me`);
  }

  /** Give an account that has none its e-mail address and password. */
  upgrade(credentials: Upgrade): Promise<AccountAnswer> {
    return this.#call(`${AUTH}/upgrade`, { method: "POST", body: credentials });
  }

  /** Give the password again: what signs for more than one order asks for it. */
  stepUp(password: string): Promise<unknown> {
    return this.#call(`${AUTH}/step-up`, { method: "POST", body: { password } });
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

  /** End the running answer of a conversation. */
  stopRun(sessionId: string): Promise<unknown> {
    return this.#call(`${CHAT}/run/${sessionId}/stop`, { method: "POST" });
  }

  #call<T>(path: string, call: Call = {}): Promise<T> {
    return this.#calls.call<T>(path, call);
  }
}
