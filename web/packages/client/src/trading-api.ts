import type {
  Card,
  KillSwitch,
  Link,
  Mandate,
  Order,
  Pnl,
  Portfolio,
  RiskLimits,
  Trade,
} from "@uchat/contracts";
import type { Answer } from "./decider";
import type { Call, Fetch } from "./http";
import type { TokenSource } from "./link";
import { SignedCalls } from "./signed-calls";

const API = "/api/v1";
const CHAT = `${API}/unified-chat`;

export type Period = "day" | "week" | "month" | "all";

/** What became of an answer to a decision. */
export interface Decided {
  status: string;
  decision: Card;
}

/** A code that links an account elsewhere, until `expires_at`. */
export interface LinkOffer {
  id: string;
  code: string;
  url: string;
  expires_at: string;
}

/** What a person signs beforehand: at most so much a day, until then. */
export interface NewMandate {
  per_day: string;
  expires_at: string;
  symbols?: string[];
  op_id?: string;
}

type Page<Name extends string, T> = Record<Name, T[]> & { next?: string | null };

/** Trading and links, in the name of who is signed in. */
export class TradingApi {
  readonly #calls: SignedCalls;

  constructor(base: string, fetcher: Fetch, tokens: TokenSource) {
    this.#calls = new SignedCalls(base, fetcher, tokens);
  }

  portfolio(): Promise<Portfolio> {
    return this.#get("/portfolio");
  }

  pnl(period: Period): Promise<Pnl> {
    return this.#get(`/pnl?period=${period}`);
  }

  /** The orders that were placed last, latest first. */
  orders(limit: number): Promise<Page<"orders", Order>> {
    return this.#get(`/orders?limit=${limit}`);
  }

  trades(limit: number): Promise<Page<"trades", Trade>> {
    return this.#get(`/trades?limit=${limit}`);
  }

  limits(): Promise<RiskLimits> {
    return this.#get("/risk/limits");
  }

  decision(id: string): Promise<Card> {
    return this.#call(`${CHAT}/decision/${id}`);
  }

  /** Decisions that wait for somebody or something. */
  openDecisions(): Promise<Page<"decisions", Card>> {
    return this.#call(`${CHAT}/decisions?state=open`);
  }

  /** Answer a decision. The same op_id again gives the first outcome. */
  decide({ choice, iface, ...answer }: Answer): Promise<Decided> {
    const body = { ...answer, approved: choice === "approve", ...(iface ? { interface: iface } : {}) };
    return this.#call(`${CHAT}/decision/approve`, { method: "POST", body });
  }

  killSwitch(): Promise<KillSwitch> {
    return this.#get("/kill-switch");
  }

  setKillSwitch(on: boolean): Promise<KillSwitch> {
    return this.#call(`${API}/kill-switch`, { method: "POST", body: { on } });
  }

  mandates(): Promise<Page<"mandates", Mandate>> {
    return this.#get("/mandates");
  }

  grantMandate(mandate: NewMandate): Promise<Mandate> {
    return this.#call(`${API}/mandates`, { method: "POST", body: mandate });
  }

  revokeMandate(id: string): Promise<Mandate> {
    return this.#call(`${API}/mandates/${id}`, { method: "DELETE" });
  }

  links(): Promise<Page<"links", Link>> {
    return this.#get("/links");
  }

  linkTelegram(): Promise<LinkOffer> {
    return this.#call(`${API}/links/telegram`, { method: "POST" });
  }

  confirmLink(id: string, mayApprove: boolean): Promise<unknown> {
    const body = { may_approve: mayApprove };
    return this.#call(`${API}/links/${id}/confirm`, { method: "POST", body });
  }

  unlink(id: string): Promise<unknown> {
    return this.#call(`${API}/links/${id}`, { method: "DELETE" });
  }

  #get<T>(path: string): Promise<T> {
    return this.#calls.call<T>(API + path);
  }

  #call<T>(path: string, call: Call = {}): Promise<T> {
    return this.#calls.call<T>(path, call);
  }
}
