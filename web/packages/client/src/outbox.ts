import type { KeyValue } from "./storage";

/**
 * What a person wrote that is not yet seen in the log.
 *
 * queued: not sent, or sent without an answer; accepted: durable, its echo is on the way;
 * failed: refused, `code` says why.
 */
export interface OutboxItem {
  readonly log: string;
  readonly clientMsgId: string;
  readonly text: string;
  readonly mode: string | null;
  /** Where it was written, if not on the interface that the connection greets as. */
  readonly iface?: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly writtenAt: number;
  readonly state: "queued" | "accepted" | "failed";
  readonly code?: string;
}

/**
 * Keeps what was written until it is in the log, also over a reload and without a network.
 *
 * One stored key per message, so that two windows do not overwrite each other's. Two windows may
 * both send the same item: it has one client_msg_id, so one entry comes of it.
 */
export class Outbox {
  #items: readonly OutboxItem[] = [];
  #prefix = "";
  readonly #storage: KeyValue;

  constructor(storage: KeyValue) {
    this.#storage = storage;
  }

  get items(): readonly OutboxItem[] {
    return this.#items;
  }

  /** Take over what this person left; drops what another person's session held in memory. */
  open(user: string): void {
    this.#prefix = `uchat.outbox.${user}.`;
    this.#items = this.#storage
      .keys(this.#prefix)
      .map((key) => parse(this.#storage.get(key)))
      .filter((item) => item !== null)
      .toSorted(inOrder);
  }

  get(clientMsgId: string): OutboxItem | undefined {
    return this.#items.find((item) => item.clientMsgId === clientMsgId);
  }

  put(item: OutboxItem): void {
    const others = this.#items.filter((other) => other.clientMsgId !== item.clientMsgId);
    this.#items = [...others, item].toSorted(inOrder);
    this.#storage.set(this.#prefix + item.clientMsgId, JSON.stringify(item));
  }

  /** Forget all, on this browser too: the person leaves it. */
  forget(): void {
    for (const item of this.#items) this.#storage.remove(this.#prefix + item.clientMsgId);
    this.#items = [];
  }

  remove(clientMsgId: string): boolean {
    if (this.get(clientMsgId) === undefined) return false;
    this.#items = this.#items.filter((item) => item.clientMsgId !== clientMsgId);
    this.#storage.remove(this.#prefix + clientMsgId);
    return true;
  }
}

function inOrder(a: OutboxItem, b: OutboxItem): number {
  return a.writtenAt - b.writtenAt || (a.clientMsgId < b.clientMsgId ? -1 : 1);
}

function parse(text: string | null): OutboxItem | null {
  if (text === null) return null;
  try {
    const item: unknown = JSON.parse(text);
    return isItem(item) ? item : null;
  } catch {
    return null;
  }
}

function isItem(value: unknown): value is OutboxItem {
  if (typeof value !== "object" || value === null) return false;
  const item = value as Record<string, unknown>;
  return ["log", "clientMsgId", "text", "state"].every((key) => typeof item[key] === "string");
}
