import type { LogEntry, MessageData, Part, Source } from "@uchat/contracts";
import type { OutboxItem } from "@uchat/client";

export type MessageState = "sending" | "accepted" | "sent" | "failed";

/** A message as it is shown: from the log, or still on its way there. */
export interface ChatMessage {
  /** The same before and after a message of one's own enters the log. */
  readonly key: string;
  readonly role: "user" | "assistant";
  readonly parts: readonly Part[];
  /** Null: written in this window and not in the log yet. */
  readonly interface: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly state: MessageState;
  /** Why it failed. */
  readonly code: string | null;
  readonly clientMsgId: string | null;
  readonly sources: readonly Source[];
  /** What answered, and how sure it is (0 to 1). */
  readonly model: string | null;
  readonly confidence: number | null;
  /** Ids of the decisions that an answer proposes, in order. */
  readonly decisions: readonly string[];
}

const cache = new WeakMap<LogEntry, ChatMessage | null>();

/** The messages among the entries; the same entry gives the same object, so that rows stay put. */
export function messagesOf(entries: readonly LogEntry[]): ChatMessage[] {
  const found: ChatMessage[] = [];
  for (const entry of entries) {
    let message = cache.get(entry);
    if (message === undefined) {
      message = messageOf(entry);
      cache.set(entry, message);
    }
    if (message !== null) found.push(message);
  }
  return found;
}

export function pendingMessage(item: OutboxItem): ChatMessage {
  return {
    key: item.clientMsgId,
    role: "user",
    parts: [{ type: "text", text: item.text }],
    interface: null,
    at: item.writtenAt,
    state: item.state === "queued" ? "sending" : item.state,
    code: item.code ?? null,
    clientMsgId: item.clientMsgId,
    sources: [],
    model: null,
    confidence: null,
    decisions: [],
  };
}

function messageOf(entry: LogEntry): ChatMessage | null {
  if (entry.kind !== "message") return null;
  // The server validates what it sends against the model that this type comes from.
  const data = entry.data as unknown as MessageData;
  return {
    key: data.client_msg_id ?? data.message_id,
    role: data.role,
    parts: data.parts,
    interface: data.origin.interface,
    at: Date.parse(entry.ts),
    state: "sent",
    code: null,
    clientMsgId: data.client_msg_id ?? null,
    sources: data.sources ?? [],
    model: data.model ?? null,
    confidence: data.confidence ?? null,
    decisions: data.decisions ?? [],
  };
}
