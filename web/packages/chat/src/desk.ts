import type { Card, LogEntry, SubOk } from "@uchat/contracts";
import { ApiError, cardOf, isOpen, type FollowedLog } from "@uchat/client";
import { activityOf } from "./activity";
import { AnswerOrder } from "./answer-order";
import { awaiting, pendingDecision, withCards, type CardBook } from "./cards";
import { told, withPortfolio } from "./outcomes";
import type { Screen } from "./screen";
import type { ChatServices } from "./services";
import { loadStanding, type Fetch } from "./standing";
import type { TradingData } from "./trading-state";

/** Several fills come at once: the lists are fetched after the last of them. */
const CALM_MS = 250;
const PORTFOLIO_MS = 10_000;
/** So long the live connection may take before what it would ask for is fetched without it. */
const PATIENCE_MS = 1_000;

/** Keeps what the store tells of trading equal to what the logs and the API say. */
export class TradingDesk {
  readonly #services: ChatServices;
  readonly #screen: Screen;
  /** By log: up to where its entries have been told. */
  readonly #told = new Map<string, string>();
  #user: string | null = null;
  #loaded = false;
  #activityAsked = false;
  #watchers = 0;
  readonly #portfolios = new AnswerOrder();

  constructor(services: ChatServices, screen: Screen) {
    this.#services = services;
    this.#screen = screen;
  }

  /** Tell of whoever is signed in now; their log asks for the rest, or else a clock does. */
  enter(userId: string): void {
    this.#user = userId;
    this.#services.clock.after(PATIENCE_MS, () => {
      if (this.#user === userId && !this.#loaded) this.load();
    });
  }

  /** Fetch everything. */
  load(): void {
    this.#loaded = true;
    this.loadAccount();
    const { trading } = this.#services;
    const fetch: Fetch = (...what) => this.#fetch(...what);
    void loadStanding(trading, this.#screen.get(), fetch, (cards) => this.put(cards));
  }

  /** Fetch what is owned and done on the account that is shown. */
  loadAccount(): void {
    void this.loadPortfolio();
    void this.loadPnl();
    void this.#loadActivity();
  }

  leave(): void {
    this.#user = null;
    this.#loaded = false;
    this.#told.clear();
  }

  /** A log was subscribed: what its snapshot leaves out is fetched. */
  subscribed(frame: SubOk): void {
    const cards = [...(frame.state?.pending ?? []), ...frame.pending];
    this.put(cards);
    if (frame.log !== this.#user) return;
    this.#refetchClosed(new Set(cards.map((card) => card.decision_id)));
    if (frame.mode === "snapshot") this.load();
  }

  /** Tell what is new in a log. */
  changed({ view }: FollowedLog): void {
    const [epoch, seq] = (this.#told.get(view.log) ?? " 0").split(" ");
    const known = epoch === view.epoch;
    const after = known ? Number(seq) : 0;
    if (view.epoch === "" || (known && view.seq <= after)) return;
    this.#told.set(view.log, `${view.epoch} ${view.seq}`);
    const fresh = view.entries.filter((entry) => entry.seq > after);
    // A snapshot's other entries are history: `load` fetches what is now.
    if (known) this.#tell(fresh);
    this.putFrom(fresh);
  }

  /** Take over the cards among these entries. */
  putFrom(entries: readonly LogEntry[]): void {
    this.put(entries.map(cardOf).filter((card) => card !== null));
  }

  put(cards: readonly Card[]): void {
    const before = this.#screen.get().cards;
    const book = withCards(before, cards);
    if (book !== before) this.#show(book);
  }

  /** Another conversation is shown: what is asked there comes first. */
  reconsider(): void {
    this.#show(this.#screen.get().cards);
  }

  async needCard(id: string): Promise<void> {
    if (this.#screen.get().cards[id] !== undefined) return;
    try {
      this.put([await this.#services.trading.decision(id)]);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) return;
      this.#screen.set({ lostCards: { ...this.#screen.get().lostCards, [id]: true } });
    }
  }

  async loadPortfolio(): Promise<void> {
    const isNews = this.#portfolios.ask();
    const { shownVenue: venue } = this.#screen.get();
    const still = (data: TradingData) => data.shownVenue === venue;
    await this.#fetch(
      () => this.#services.trading.portfolio(venue),
      (portfolio, now) => (isNews() && still(now) ? withPortfolio(portfolio) : {}),
      (now) => (now.portfolio === null && still(now) ? { portfolioState: "failed" } : {}),
    );
  }

  async loadPnl(): Promise<void> {
    const { period, method, shownVenue: venue } = this.#screen.get();
    const { trading } = this.#services;
    const asked = ({ shownVenue, ...now }: TradingData) =>
      now.period === period && now.method === method && shownVenue === venue;
    await this.#fetch(
      () => Promise.all([trading.pnl(period, method, venue), trading.equity(period, venue)]),
      ([pnl, equity], now) => (asked(now) ? { pnl, equity } : {}),
    );
  }

  /** Fetch the portfolio again and again, as prices move, while anybody looks at it. */
  watch(): () => void {
    this.#watchers += 1;
    if (this.#watchers === 1) this.#tick();
    let watching = true;
    return () => {
      if (watching) this.#watchers -= 1;
      watching = false;
    };
  }

  #tick(): void {
    this.#services.clock.after(PORTFOLIO_MS, () => {
      if (this.#watchers === 0) return;
      if (this.#user !== null && this.#services.visible()) void this.loadPortfolio();
      this.#tick();
    });
  }

  #tell(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === "portfolio.changed") this.#portfolios.told();
      const change = told(this.#screen.get(), entry);
      if (Object.keys(change).length > 0) this.#screen.set(change);
    }
    const traded = entries.some(({ kind, log }) => kind === "execution" && log === this.#user);
    if (traded) this.#askActivity();
    // What a key may do changes more than itself: why no order goes out, what is shown as of now.
    if (entries.some(({ kind }) => kind === "venue_key")) this.load();
  }

  #askActivity(): void {
    if (this.#activityAsked) return;
    this.#activityAsked = true;
    this.#services.clock.after(CALM_MS, () => {
      this.#activityAsked = false;
      this.loadAccount();
    });
  }

  /** A card that was open here but is not any more was closed while nobody listened. */
  #refetchClosed(open: ReadonlySet<string>): void {
    for (const card of Object.values(this.#screen.get().cards)) {
      if (!isOpen(card) || open.has(card.decision_id)) continue;
      this.#services.trading.decision(card.decision_id).then(
        (now) => this.put([now]),
        () => undefined,
      );
    }
  }

  async #loadActivity(): Promise<void> {
    const { shownVenue: venue } = this.#screen.get();
    await this.#fetch(
      () => activityOf(this.#services.trading, venue),
      (activity, now) => (now.shownVenue === venue ? activity : {}),
      (now) => (now.activityState === "loading" ? { activityState: "failed" } : {}),
    );
  }

  async #fetch<T>(
    ask: () => Promise<T>,
    take: (answer: T, data: TradingData) => Partial<TradingData>,
    missed: (data: TradingData) => Partial<TradingData> = () => ({}),
  ): Promise<void> {
    const user = this.#user;
    let change: (data: TradingData) => Partial<TradingData>;
    try {
      const answer = await ask();
      change = (data) => take(answer, data);
    } catch {
      // What is shown says that it could not be loaded; it is fetched again on the next sub_ok.
      change = missed;
    }
    if (user !== null && this.#user === user) this.#screen.set(change(this.#screen.get()));
  }

  #show(cards: CardBook): void {
    const waiting = awaiting(cards, this.#user);
    const { sessionId } = this.#screen.get();
    this.#screen.set({
      cards,
      awaiting: waiting,
      pendingDecision: pendingDecision(waiting, sessionId),
    });
  }
}
