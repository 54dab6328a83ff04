import type { LinkStatus, Run } from "@uchat/client";
import type { ChatMessage } from "./messages";
import type { Session } from "./sessions";
import { noSync, type CrossPlatformSync } from "./sync";
import { noTrading, type TradingActions, type TradingData } from "./trading-state";

/** The chat surfaces of the page: the conversation's own tab, and the widget on the dashboard. */
export type Surface = "web_chat" | "widget";

/** "Continue on the web": the code is being exchanged, belongs to somebody else, or is void. */
export type Continuation =
  | { state: "idle" }
  | { state: "working" }
  | { state: "other_account" }
  | FailedContinuation;

export interface FailedContinuation {
  state: "failed";
  /** Why it may work on another try; null when the code is used up or too old. */
  problem: string | null;
  /** Where a new link can be had. */
  botUrl: string | null;
}

export interface AccountView {
  userId: string;
  /** Null until it is known. */
  name: string | null;
  guest: boolean;
}

export interface ChatData extends TradingData {
  phase: "signed_out" | "signed_in";
  account: AccountView | null;
  continuation: Continuation;
  /** A sign-in is under way. */
  busy: boolean;
  /** What went wrong last, in a sentence. */
  problem: string | null;
  connection: LinkStatus;
  /** This window was connected before, so that being away is worth a word. */
  wasOnline: boolean;
  sessions: readonly Session[];
  sessionId: string | null;
  /** The conversation has come from the server at least once. */
  loaded: boolean;
  title: string;
  surface: Surface;
  /** How answers are wished for on the surface that is shown. */
  currentMode: string;
  crossPlatformSync: CrossPlatformSync;
  messages: readonly ChatMessage[];
  /** Answers that are being written now. */
  streaming: readonly Run[];
  hasOlder: boolean;
  loadingOlder: boolean;
}

export interface ChatActions extends TradingActions {
  /** Go on as whoever was signed in on this browser, or by the code of "Continue on the web". */
  start(code?: string | null): Promise<void>;
  /** The link belongs to another account than the one that is signed in: take it, or stay. */
  settleContinuation(take: boolean): void;
  /** Try the code of the link once more. */
  continueAgain(): Promise<void>;
  /** Which surface is shown. */
  setSurface(surface: Surface): void;
  /** End the running answer. */
  stop(): Promise<void>;
  tryIt(): Promise<void>;
  signIn(email: string, password: string): Promise<void>;
  register(name: string, email: string, password: string): Promise<void>;
  /** Give a guest's account an e-mail address and a password; tells whether that worked. */
  upgrade(name: string, email: string, password: string): Promise<boolean>;
  signOut(): Promise<void>;
  openSession(sessionId: string): void;
  newSession(): Promise<void>;
  rename(sessionId: string, title: string): Promise<void>;
  erase(sessionId: string): Promise<void>;
  setMode(mode: string): Promise<void>;
  send(text: string): void;
  /** What was being written in a conversation, in this window or before a reload. */
  draftOf(sessionId: string): string;
  keepDraft(sessionId: string, text: string): void;
  retry(clientMsgId: string): void;
  discard(clientMsgId: string): void;
  loadOlder(): Promise<void>;
  reconnect(): void;
  dismissProblem(): void;
}

export type ChatState = ChatData & ChatActions;

export const MODES = ["trading", "quick", "analysis", "support"] as const;
export const DEFAULT_MODES: Readonly<Record<Surface, string>> = {
  web_chat: "trading",
  widget: "quick",
};

/** Where a person's choice of mode for one surface is kept. */
export function modeKey(surface: Surface): string {
  return surface === "web_chat" ? "uchat.mode" : `uchat.mode.${surface}`;
}

export const signedOutData: ChatData = {
  phase: "signed_out",
  account: null,
  continuation: { state: "idle" },
  busy: false,
  problem: null,
  connection: { state: "idle" },
  wasOnline: false,
  sessions: [],
  sessionId: null,
  loaded: false,
  title: "",
  surface: "web_chat",
  currentMode: DEFAULT_MODES.web_chat,
  crossPlatformSync: noSync,
  messages: [],
  streaming: [],
  hasOlder: false,
  loadingOlder: false,
  ...noTrading,
};
