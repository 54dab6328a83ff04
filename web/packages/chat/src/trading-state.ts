import type {
  Card,
  Equity,
  KillSwitch,
  Link,
  Mandate,
  Movement,
  NewLink,
  Order,
  PlanRequestInput,
  Pnl,
  Portfolio,
  Prefer,
  Preferences,
  RiskLimits,
  Trade,
  Trading,
  Venue,
} from "@uchat/contracts";
import type {
  CostMethod,
  ExportName,
  NewKey,
  NewMandate,
  OperationMode,
  Period,
} from "@uchat/client";
import { noAlerts, type AlertActions, type AlertData } from "./alerts";
import { noMemories, type MemoryActions, type MemoryData } from "./memories";
import type { CardBook, Choice, OwnAnswer } from "./cards";

/** Whether something has come from the server: an empty list may be one or not be there yet. */
export type Loading = "loading" | "ready" | "failed";

/** Something that needs the password again: why, and what is done then. */
export interface Unproved {
  why: string;
  act: string;
  run: () => Promise<void>;
}

export interface TradingData extends AlertData, MemoryData {
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
  /** The exchange whose account is shown; empty: the one on paper. */
  shownVenue: string;
  portfolio: Portfolio | null;
  portfolioState: Loading;
  period: Period;
  method: CostMethod;
  pnl: Pnl | null;
  equity: Equity | null;
  preferences: Preferences | null;
  orders: readonly Order[];
  trades: readonly Trade[];
  movements: readonly Movement[];
  activityState: Loading;
  limits: RiskLimits | null;
  killSwitch: KillSwitch | null;
  /** The mode that the person chose, and what the account may do. */
  trading: Trading | null;
  /** What is done once the password is given again. */
  unproved: Unproved | null;
  mandates: readonly Mandate[];
  /** Live exchanges; null: not loaded yet. */
  venues: readonly Venue[] | null;
  links: readonly Link[];
  linksState: Loading;
  /** A code to link Telegram with, while it is offered. */
  linkOffer: NewLink | null;
}

export interface TradingActions extends AlertActions, MemoryActions {
  /** Answer a decision from one of the page's interfaces. Pressing twice answers once. */
  decide(decisionId: string, choice: Choice, iface: string): Promise<void>;
  /** Propose orders by hand, in the conversation that is shown. */
  propose(plan: PlanRequestInput, iface: string): Promise<boolean>;
  /** Ask for another plan in place of the one that is shown. */
  modify(decisionId: string, wish: PlanRequestInput, iface: string): Promise<void>;
  /** Ask for the same again at a new price, or for what would finish it. */
  quoteAgain(decisionId: string, iface: string, remedy?: boolean): Promise<void>;
  /** Help with an order of which the exchange does not tell what became. */
  settle(decisionId: string, leg: number, help: SettleHelp, venueOrderId?: string): Promise<void>;
  /** Fetch a decision that a message names but no log has told of. */
  needCard(decisionId: string): void;
  /** Keep the portfolio's prices up to date until the returned function is called. */
  watchPortfolio(): () => void;
  reloadTrading(): void;
  setPeriod(period: Period): void;
  setMethod(method: CostMethod): void;
  loadPreferences(): Promise<void>;
  /** Change the time zone or the currency that figures are told in. */
  prefer(change: Prefer): Promise<boolean>;
  /** Everything of one kind as CSV; null: it could not be fetched, and the page says why. */
  fetchFile(name: ExportName): Promise<Blob | null>;
  setKillSwitch(on: boolean): Promise<void>;
  setOperationMode(mode: OperationMode): Promise<void>;
  /** Give the password again and grant what waited for it; null: leave it. */
  prove(password: string | null): Promise<boolean>;
  grantMandate(mandate: NewMandate): Promise<boolean>;
  revokeMandate(id: string): Promise<void>;
  loadVenues(): Promise<void>;
  /** Fetch the exchanges without a word if that fails: paper goes on without them. */
  watchVenues(): Promise<void>;
  /** Cancel every open order at an exchange; true: it was asked to. */
  cancelOrdersAt(venue: string): Promise<boolean>;
  /** Connect an account by a key; true: it is connected, or waits for the password. */
  connectKey(key: NewKey): Promise<boolean>;
  /** What a connected account holds; null: it could not be fetched, and the page says why. */
  liveAccount(venue: string): Promise<Portfolio | null>;
  /** Show what is owned and done on another account: at an exchange, or on paper (empty). */
  showAccount(venue: string): void;
  removeKey(venue: string): Promise<void>;
  /** Let orders be sent to an exchange, to the text that is shown. */
  consent(venue: Venue): Promise<boolean>;
  withdrawConsent(venue: string): Promise<void>;
  loadLinks(): Promise<void>;
  offerLink(): Promise<void>;
  confirmLink(id: string, mayApprove: boolean): Promise<void>;
  unlink(id: string): Promise<void>;
}

export type SettleHelp = "check_again" | "on_exchange" | "not_there";

/** What is shown of an account of which nothing is known yet. */
export const noAccount = {
  portfolio: null,
  portfolioState: "loading",
  pnl: null,
  equity: null,
  orders: [],
  trades: [],
  movements: [],
  activityState: "loading",
} as const;

export const noTrading: TradingData = {
  ...noAccount,
  shownVenue: "",
  cards: {},
  awaiting: [],
  pendingDecision: null,
  answers: {},
  lostCards: {},
  clockOffset: 0,
  period: "day",
  method: "average",
  preferences: null,
  limits: null,
  killSwitch: null,
  trading: null,
  unproved: null,
  mandates: [],
  venues: null,
  links: [],
  linksState: "loading",
  linkOffer: null,
  ...noAlerts,
  ...noMemories,
};
