import type { LinkStatus, Run } from "@uchat/client";
import type { ChatMessage } from "./messages";
import type { Session } from "./sessions";

export interface AccountView {
  userId: string;
  /** Null until it is known. */
  name: string | null;
  guest: boolean;
}

export interface ChatData {
  phase: "signed_out" | "signed_in";
  account: AccountView | null;
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
  currentMode: string;
  messages: readonly ChatMessage[];
  /** Answers that are being written now. */
  streaming: readonly Run[];
  hasOlder: boolean;
  loadingOlder: boolean;
}

export interface ChatActions {
  /** Go on as whoever was signed in on this browser. */
  start(): void;
  tryIt(): Promise<void>;
  signIn(email: string, password: string): Promise<void>;
  register(name: string, email: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  openSession(sessionId: string): void;
  newSession(): Promise<void>;
  rename(sessionId: string, title: string): Promise<void>;
  erase(sessionId: string): Promise<void>;
  setMode(mode: string): Promise<void>;
  send(text: string): void;
  retry(clientMsgId: string): void;
  discard(clientMsgId: string): void;
  loadOlder(): Promise<void>;
  reconnect(): void;
  dismissProblem(): void;
}

export type ChatState = ChatData & ChatActions;

export const MODES = ["trading", "quick", "analysis", "support"] as const;
export const DEFAULT_MODE = "trading";

export const signedOutData: ChatData = {
  phase: "signed_out",
  account: null,
  busy: false,
  problem: null,
  connection: { state: "idle" },
  wasOnline: false,
  sessions: [],
  sessionId: null,
  loaded: false,
  title: "",
  currentMode: DEFAULT_MODE,
  messages: [],
  streaming: [],
  hasOlder: false,
  loadingOlder: false,
};
