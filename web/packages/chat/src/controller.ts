import { Close, type TokensAnswer } from "@uchat/contracts";
import {
  ApiError,
  isConversation,
  type FollowedLog,
  type LinkStatus,
  type UchatConnection,
} from "@uchat/client";
import { ConversationScreen } from "./conversation";
import { TradingDesk } from "./desk";
import { sentenceOf } from "./problems";
import type { Screen } from "./screen";
import type { ChatServices } from "./services";
import { inOrder, sessionOf, touched, withEntry } from "./sessions";
import { DEFAULT_MODES, modeKey, signedOutData, type Surface } from "./state";
import { syncOf } from "./sync";

/** How many conversations stay followed, so that going back to one shows it at once. */
const FOLLOWED = 6;
const SIGN_IN_ENDED: ReadonlySet<number> = new Set([Close.UNAUTHORISED, Close.REVOKED]);

/** Keeps the store's data equal to what the connection, the outbox and the API say. */
export class ChatController {
  readonly services: ChatServices;
  readonly desk: TradingDesk;
  connection: UchatConnection | null = null;
  readonly #screen: Screen;
  #conversation = new ConversationScreen();
  #recent: string[] = [];
  #flushAsked = false;
  #sessionsLoaded = false;
  #loading = false;
  #person = { epoch: "", seq: 0 };
  #shownMode: string | null | undefined;

  constructor(services: ChatServices, screen: Screen) {
    this.services = services;
    this.#screen = screen;
    this.desk = new TradingDesk(services, screen);
    services.onAwake(() => this.connection?.hurry());
    services.onAccountChanged(() => this.resume());
  }

  /** Go on as whoever is signed in on this browser now. */
  resume(): void {
    const account = this.services.tokens.account;
    const shown = this.#screen.get().account?.userId;
    if (account?.userId === shown) return;
    if (shown !== undefined) this.leave();
    this.services.tokens.adopt();
    if (account !== null) this.#enter(account.userId);
  }

  /** Take over a new sign-in; `sessionId` is the conversation to go on with. */
  signedIn(answer: TokensAnswer, sessionId: string | null = null): void {
    this.leave();
    this.services.tokens.accept(answer);
    const last = `uchat.last.${answer.user_id}`;
    if (sessionId !== null) this.services.windowStorage.set(last, sessionId);
    this.#enter(answer.user_id);
  }

  /** Drop everything of whoever was signed in; what they wrote stays in their outbox. */
  leave(problem: string | null = null): void {
    this.connection?.stop();
    this.connection = null;
    this.#recent = [];
    this.#sessionsLoaded = false;
    this.#loading = false;
    this.#person = { epoch: "", seq: 0 };
    this.desk.leave();
    this.#screen.set({ ...signedOutData, ...this.#kept(), problem });
  }

  /** Show a conversation; its messages come from memory at once where it is followed already. */
  show(sessionId: string): void {
    const { storage, windowStorage } = this.services;
    const user = this.#screen.get().account?.userId ?? "";
    windowStorage.set(`uchat.last.${user}`, sessionId);
    storage.set(`uchat.last.${user}`, sessionId);
    this.#conversation = new ConversationScreen();
    this.#shownMode = undefined;
    this.#recent = [sessionId, ...this.#recent.filter((id) => id !== sessionId)];
    for (const id of this.#recent.splice(FOLLOWED)) this.connection?.unfollow(id);
    this.connection?.follow(sessionId);
    this.#screen.set({ sessionId, loadingOlder: false });
    this.desk.reconsider();
    this.flush();
  }

  /** Another surface of the page is shown: each has its own way of being answered. */
  setSurface(surface: Surface): void {
    this.#shownMode = undefined;
    this.#screen.set({ surface, currentMode: this.#ownMode(surface) });
    this.flush();
  }

  /** Bring what is shown up to date now. */
  flush(): void {
    const { sessionId } = this.#screen.get();
    const log = sessionId === null ? undefined : this.connection?.followed(sessionId);
    if (log === undefined) return;
    const shown = this.#conversation.show(log, this.services.outbox.items);
    const { crossPlatformSync: before, connection, surface } = this.#screen.get();
    const crossPlatformSync = syncOf(before, connection, log, shown.messages);
    this.#screen.set({ ...shown, crossPlatformSync });
    // The conversation's mode is that of its own tab; the widget keeps to its own.
    if (surface !== "web_chat" || log.view.epoch === "") return;
    if (log.view.mode === this.#shownMode) return;
    this.#shownMode = log.view.mode;
    this.#screen.set({ currentMode: log.view.mode ?? this.#ownMode(surface) });
  }

  async loadSessions(): Promise<void> {
    const user = this.#screen.get().account?.userId;
    const page = await this.services.api.sessions();
    if (this.#screen.get().account?.userId !== user) return;
    this.#sessionsLoaded = true;
    const sessions = page.sessions.map(sessionOf).toSorted(inOrder);
    this.#screen.set({ sessions });
    if (this.#screen.get().sessionId !== null) return;
    const home = sessions.find((session) => session.home) ?? sessions[0];
    if (home !== undefined) this.show(home.id);
    else this.show((await this.services.api.newSession(null)).session_id);
  }

  #enter(userId: string): void {
    const { storage, windowStorage, outbox } = this.services;
    outbox.open(userId);
    const kept = this.#kept();
    this.#screen.set({
      ...signedOutData,
      ...kept,
      phase: "signed_in",
      account: { userId, name: null, guest: false },
      currentMode: this.#ownMode(kept.surface),
    });
    this.connection = this.services.connect({
      status: (status) => this.#status(status),
      greeted: (time) => this.#screen.set({ clockOffset: time - this.services.clock.now() }),
      subscribed: (frame) => this.desk.subscribed(frame),
      log: (log) => this.#changed(log),
      outbox: () => this.#askFlush(),
      refused: (log) => this.#refused(log),
    });
    const last = windowStorage.get(`uchat.last.${userId}`) ?? storage.get(`uchat.last.${userId}`);
    if (last !== null) this.show(last);
    this.desk.enter(userId);
    this.connection.start();
    this.#load();
  }

  /** What outlives a change of account: what the page shows. */
  #kept() {
    const { surface, continuation } = this.#screen.get();
    return { surface, continuation };
  }

  /** Fetch what the live connection does not tell: the list so far, and who this is. */
  #load(): void {
    if (this.#loading) return;
    this.#loading = true;
    Promise.all([this.loadSessions(), this.loadAccount()])
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#loading = false;
      });
  }

  async loadAccount(): Promise<void> {
    const me = await this.services.api.me();
    const { account } = this.#screen.get();
    if (account?.userId !== me.id) return;
    this.#screen.set({ account: { ...account, name: me.full_name, guest: !me.email } });
  }

  #failed(error: unknown): void {
    // The banner speaks of a server that is away, and the list loads when it is back.
    if (error instanceof ApiError && !error.retryable) {
      this.#screen.set({ problem: sentenceOf(error) });
    }
  }

  #status(status: LinkStatus): void {
    if (status.state === "stopped" && SIGN_IN_ENDED.has(status.code)) {
      this.services.tokens.forget();
      this.leave("You were signed out. Sign in again to go on.");
      return;
    }
    this.#screen.set({ connection: status });
    this.#askFlush();
    if (status.state !== "online") return;
    this.#screen.set({ wasOnline: true });
    if (!this.#sessionsLoaded || this.#screen.get().account?.name === null) this.#load();
  }

  #changed(log: FollowedLog): void {
    const { view } = log;
    this.desk.changed(log);
    if (isConversation(view.log)) {
      const last = view.entries.at(-1);
      const { sessions } = this.#screen.get();
      const moved = last === undefined ? sessions : touched(sessions, view.log, last.ts);
      if (moved !== sessions) this.#screen.set({ sessions: moved });
      this.#askFlush();
    } else if (view.epoch !== "") {
      this.#personChanged(log);
    }
  }

  #personChanged({ view }: FollowedLog): void {
    const restored = this.#person.epoch !== "" && this.#person.epoch !== view.epoch;
    const after = restored ? 0 : this.#person.seq;
    const fresh = view.entries.filter((entry) => entry.seq > after);
    this.#person = { epoch: view.epoch, seq: view.seq };
    if (restored) this.loadSessions().catch((error: unknown) => this.#failed(error));
    let { sessions } = this.#screen.get();
    for (const entry of fresh) sessions = withEntry(sessions, entry);
    this.#screen.set({ sessions });
    const { sessionId } = this.#screen.get();
    const erased = fresh.some(
      (entry) => entry.kind === "session.deleted" && entry.data["session_id"] === sessionId,
    );
    if (erased && sessionId !== null) this.#refused(sessionId);
  }

  /** The conversation is gone: show another one. */
  #refused(log: string): void {
    this.#recent = this.#recent.filter((id) => id !== log);
    this.connection?.unfollow(log);
    if (this.#screen.get().sessionId !== log) return;
    this.#screen.set({ sessionId: null });
    this.loadSessions().catch((error: unknown) => this.#failed(error));
  }

  #askFlush(): void {
    if (this.#flushAsked) return;
    this.#flushAsked = true;
    this.services.nextFrame(() => {
      this.#flushAsked = false;
      this.flush();
    });
  }

  #ownMode(surface: Surface): string {
    return this.services.storage.get(modeKey(surface)) ?? DEFAULT_MODES[surface];
  }
}
