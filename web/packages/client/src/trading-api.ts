import type {
  Alert,
  AlertList,
  NewAlert,
  Answered,
  Approve,
  Card,
  DecisionList,
  DigestSettings,
  Equity,
  Grant,
  KillSwitch,
  Link,
  LinkList,
  Mandate,
  MandateList,
  MovementList,
  NewLink,
  OrderList,
  Pnl,
  Portfolio,
  Prefer,
  Preferences,
  Propose,
  QuoteAgain,
  RiskLimits,
  Settle,
  TradeList,
  Trading,
} from "@uchat/contracts";
import type { Answer } from "./decider";
import { ExchangesApi } from "./exchanges-api";
import type { Call, Fetch } from "./http";
import type { TokenSource } from "./link";
import { MemoriesApi } from "./memories-api";
import { SignedCalls } from "./signed-calls";

const API = "/api/v1";
const CHAT = `${API}/unified-chat`;

/** How one trades: alone, with proposals, within a mandate, or only to lower risks. */
export type OperationMode = Trading["mode"];

export type Period = "day" | "week" | "month" | "all";

/** What a sale takes as its cost. */
export type CostMethod = Pnl["method"];

export type ExportName = "trades" | "orders" | "ledger";

/** What a person signs beforehand; the page tells where. */
export type NewMandate = Omit<Grant, "interface">;

/** The page's own name where a call does not say which part of the page it comes from. */
const IFACE = "web_ui";

/** Trading and links, in the name of who is signed in. */
export class TradingApi {
  readonly exchanges: ExchangesApi;
  readonly memories: MemoriesApi;
  readonly #calls: SignedCalls;

  constructor(base: string, fetcher: Fetch, tokens: TokenSource) {
    this.#calls = new SignedCalls(base, fetcher, tokens);
    this.exchanges = new ExchangesApi(this.#calls);
    this.memories = new MemoriesApi(this.#calls);
  }

  /** What is owned on an account: at a live exchange, or on paper (empty). */
  portfolio(venue = ""): Promise<Portfolio> {
    return this.#get(venue === "" ? "/portfolio" : `/portfolio?venue=${venue}`);
  }

  pnl(period: Period, method: CostMethod, venue = ""): Promise<Pnl> {
    return this.#get(`/pnl?period=${period}&method=${method}${at(venue)}`);
  }

  /** What the account was worth over so long until now. */
  equity(period: Period, venue = ""): Promise<Equity> {
    return this.#get(`/equity?period=${period}${at(venue)}`);
  }

  preferences(): Promise<Preferences> {
    return this.#get("/preferences");
  }

  prefer(change: Prefer): Promise<Preferences> {
    return this.#call(`${API}/preferences`, { method: "PATCH", body: change });
  }

  /** All trades, orders or ledger entries of an account as CSV. */
  file(name: ExportName, venue = ""): Promise<Blob> {
    return this.#calls.file(`${API}/export/${name}.csv${venue === "" ? "" : `?venue=${venue}`}`);
  }

  /** The orders that were placed last, latest first. */
  orders(limit: number, venue = ""): Promise<OrderList> {
    return this.#get(`/orders?limit=${limit}${at(venue)}`);
  }

  trades(limit: number, venue = ""): Promise<TradeList> {
    return this.#get(`/trades?limit=${limit}${at(venue)}`);
  }

  limits(): Promise<RiskLimits> {
    return this.#get("/risk/limits");
  }

  decision(id: string): Promise<Card> {
    return this.#call(`${CHAT}/decision/${id}`);
  }

  /** Decisions that wait for somebody or something. */
  openDecisions(): Promise<DecisionList> {
    return this.#call(`${CHAT}/decisions?state=open`);
  }

  /** Answer a decision. The same op_id again gives the first outcome. */
  decide({ choice, iface, ...answer }: Answer): Promise<Answered> {
    const approved = choice !== "reject";
    const body: Approve = { ...answer, approved, interface: iface ?? IFACE };
    return this.#call(`${CHAT}/decision/approve`, { method: "POST", body });
  }

  /** Propose orders by hand: a card that waits for an approval. */
  propose(wish: Propose): Promise<Card> {
    return this.#call(`${CHAT}/decision/propose`, { method: "POST", body: wish });
  }

  /** Decisions of others that wait for this person's approval as well. */
  forApproval(): Promise<DecisionList> {
    return this.#call(`${CHAT}/decisions/for-approval`);
  }

  /** A new decision of one that is over, at today's prices, or of its remedy. */
  quoteAgain(wish: QuoteAgain): Promise<Card> {
    return this.#call(`${CHAT}/decision/quote-again`, { method: "POST", body: wish });
  }

  /** Say what became of an order of which the exchange does not tell. */
  settle(settlement: Settle): Promise<Card> {
    return this.#call(`${CHAT}/decision/settle`, { method: "POST", body: settlement });
  }

  trading(): Promise<Trading> {
    return this.#get("/trading");
  }

  setMode(mode: OperationMode): Promise<Trading> {
    const body = { mode, interface: IFACE };
    return this.#call(`${API}/trading/mode`, { method: "PUT", body });
  }

  /** What came or went otherwise than by a decision, latest first. */
  movements(limit: number, venue = ""): Promise<MovementList> {
    return this.#get(`/movements?limit=${limit}${at(venue)}`);
  }

  killSwitch(): Promise<KillSwitch> {
    return this.#get("/kill-switch");
  }

  setKillSwitch(on: boolean): Promise<KillSwitch> {
    const body = { on, interface: IFACE };
    return this.#call(`${API}/kill-switch`, { method: "POST", body });
  }

  mandates(): Promise<MandateList> {
    return this.#get("/mandates");
  }

  grantMandate(mandate: NewMandate): Promise<Mandate> {
    const body: Grant = { ...mandate, interface: IFACE };
    return this.#call(`${API}/mandates`, { method: "POST", body });
  }

  revokeMandate(id: string): Promise<Mandate> {
    return this.#call(`${API}/mandates/${id}?interface=${IFACE}`, { method: "DELETE" });
  }

  /** Alerts, latest first; those that are over as well. */
  alerts(): Promise<AlertList> {
    return this.#get("/alerts?limit=100");
  }

  setAlert(request: NewAlert): Promise<Alert> {
    const body = { ...request, interface: IFACE };
    return this.#call(`${API}/alerts`, { method: "POST", body });
  }

  /** Silence an alert until a time; null: not any more. */
  snoozeAlert(id: string, until: string | null): Promise<Alert> {
    const body = { snoozed_until: until };
    return this.#call(`${API}/alerts/${id}`, { method: "PATCH", body });
  }

  deleteAlert(id: string): Promise<Alert> {
    return this.#call(`${API}/alerts/${id}`, { method: "DELETE" });
  }

  digest(): Promise<DigestSettings> {
    return this.#get("/digest");
  }

  setDigest(settings: DigestSettings): Promise<DigestSettings> {
    return this.#call(`${API}/digest`, { method: "PUT", body: settings });
  }

  links(): Promise<LinkList> {
    return this.#get("/links");
  }

  linkTelegram(): Promise<NewLink> {
    return this.#call(`${API}/links/telegram`, { method: "POST" });
  }

  confirmLink(id: string, mayApprove: boolean): Promise<Link> {
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

function at(venue: string): string {
  return venue === "" ? "" : `&venue=${venue}`;
}
