/** How this window stands to the other interfaces of the same conversation. Pure. */
import type { FollowedLog, LinkStatus } from "@uchat/client";
import type { ChatMessage } from "./messages";

export interface CrossPlatformSync {
  /** live: what happens anywhere is shown here; catching_up: what was missed is on its way. */
  readonly state: "live" | "catching_up" | "away";
  /** The last entry of the conversation that is shown here. */
  readonly seq: number;
  /** What was written last on another interface, and when (milliseconds since the epoch). */
  readonly lastElsewhere: { readonly interface: string; readonly at: number } | null;
}

/** The interfaces that this page itself holds. */
const HERE: ReadonlySet<string> = new Set(["web_chat", "web_ui", "widget"]);

export const noSync: CrossPlatformSync = { state: "away", seq: 0, lastElsewhere: null };

/** The state now; the same object as `before` if nothing changed. */
export function syncOf(
  before: CrossPlatformSync,
  status: LinkStatus,
  log: FollowedLog | undefined,
  messages: readonly ChatMessage[],
): CrossPlatformSync {
  const state = status.state === "online" ? followed(log) : "away";
  const seq = log?.view.seq ?? 0;
  if (before.state === state && before.seq === seq) return before;
  return { state, seq, lastElsewhere: lastElsewhere(messages) };
}

function followed(log: FollowedLog | undefined): "live" | "catching_up" {
  return log?.live === true ? "live" : "catching_up";
}

function lastElsewhere(messages: readonly ChatMessage[]): CrossPlatformSync["lastElsewhere"] {
  for (const message of messages.toReversed()) {
    const { role, interface: name, at } = message;
    if (role === "user" && name !== null && !HERE.has(name)) return { interface: name, at };
  }
  return null;
}
