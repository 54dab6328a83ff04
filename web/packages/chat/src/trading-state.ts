import type {
  Card,
  KillSwitch,
  Link,
  Mandate,
  NewLink,
  Order,
  Pnl,
  Portfolio,
  RiskLimits,
  Trade,
} from "@uchat/contracts";
import type { NewMandate, Period } from "@uchat/client";
import type { CardBook, Choice, OwnAnswer } from "./cards";

/** Whether something has come from the server: an empty list may be one or not be there yet. */
export type Loading = "loading" | "ready" | "failed";

export interface TradingData {
  /** Every decision that is known, by id: the newest of each. */
  cards: CardBook;
  /** Those that wait for an answer, oldest first. */
  awaiting: readonly Card[];
  /** The one that is asked now. */
  pendingDecision: Card | null;
  /** What this window answered, by decision. */
  answers: Readonly<Record<string, OwnAnswer>>;
  /** Decisions that the server does not know (any more). */
  lostCards: Readonly<Record<string, true>>;
  /** The server's clock minus this one's, in milliseconds. */
  clockOffset: number;
  portfolio: Portfolio | null;
  portfolioState: Loading;
  period: Period;
  pnl: Pnl | null;
  orders: readonly Order[];
  trades: readonly Trade[];
  activityState: Loading;
  limits: RiskLimits | null;
  killSwitch: KillSwitch | null;
  mandates: readonly Mandate[];
  links: readonly Link[];
  linksState: Loading;
  /** A code to link Telegram with, while it is offered. */
  linkOffer: NewLink | null;
}

export interface TradingActions {
  /** Answer a decision from one of the page's interfaces. Pressing twice answers once. */
  decide(decisionId: string, choice: Choice, iface: string): Promise<void>;
  /** Ask for the same again, at a new price. */
  quoteAgain(decisionId: string, iface: string): void;
  /** Fetch a decision that a message names but no log has told of. */
  needCard(decisionId: string): void;
  /** Keep the portfolio's prices up to date until the returned function is called. */
  watchPortfolio(): () => void;
  reloadTrading(): void;
  setPeriod(period: Period): void;
  setKillSwitch(on: boolean): Promise<void>;
  grantMandate(mandate: NewMandate): Promise<boolean>;
  revokeMandate(id: string): Promise<void>;
  loadLinks(): Promise<void>;
  offerLink(): Promise<void>;
  confirmLink(id: string, mayApprove: boolean): Promise<void>;
  unlink(id: string): Promise<void>;
}

export const noTrading: TradingData = {
  cards: {},
  awaiting: [],
  pendingDecision: null,
  answers: {},
  lostCards: {},
  clockOffset: 0,
  portfolio: null,
  portfolioState: "loading",
  period: "day",
  pnl: null,
  orders: [],
  trades: [],
  activityState: "loading",
  limits: null,
  killSwitch: null,
  mandates: [],
  links: [],
  linksState: "loading",
  linkOffer: null,
};
