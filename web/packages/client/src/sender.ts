import type { Ack, ErrorFrame, LogEntry, Send } from "@uchat/contracts";
import type { Cancel, Clock } from "./clock";
import type { FollowedLog } from "./followed-log";
import { newUlid } from "./ids";
import type { Outbox, OutboxItem } from "./outbox";

/** Without an answer a message is sent again, under the same id, after this time. */
const ANSWER_MS = 10_000;
const PAUSE_MS = 1_000;
/** The conversation is no more: there is nowhere to show what was refused. */
const GONE: ReadonlySet<string> = new Set(["not_found", "erased"]);

export interface SenderDeps {
  clock: Clock;
  outbox: Outbox;
  /** Put a frame on the wire; false when there is none. */
  transmit(frame: Send): boolean;
  /** The log, if this client follows it. */
  followed(log: string): FollowedLog | undefined;
  changed(): void;
}

/**
 * Brings what was written into the log, once and in order.
 *
 * One message of a conversation is on its way at a time; it keeps its client_msg_id over every
 * resend, and is settled by its echo in the log alone.
 */
export class Sender {
  readonly #deps: SenderDeps;
  /** By log: what waits for an answer, or for a pause to end. */
  readonly #busy = new Map<string, { id: string; cancel: Cancel }>();
  /** Ids that were answered on this connection: they wait for their echo only. */
  readonly #answered = new Set<string>();
  #online = false;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  write(log: string, text: string, mode: string | null, iface: string | null = null): string {
    // Later than all before it, so that two messages of one millisecond keep their order.
    const before = this.#deps.outbox.items.at(-1)?.writtenAt ?? 0;
    const writtenAt = Math.max(this.#deps.clock.now(), before + 1);
    const clientMsgId = `c-${newUlid(writtenAt)}`;
    this.#deps.outbox.put({ log, clientMsgId, text, mode, iface, writtenAt, state: "queued" });
    this.#deps.changed();
    this.pump();
    return clientMsgId;
  }

  /** Write what was refused again: as a new message, for the refusal of the old one is final. */
  retry(clientMsgId: string): void {
    const item = this.#deps.outbox.get(clientMsgId);
    if (item?.state !== "failed") return;
    this.#deps.outbox.remove(clientMsgId);
    this.write(item.log, item.text, item.mode, item.iface ?? null);
  }

  discard(clientMsgId: string): void {
    if (this.#deps.outbox.get(clientMsgId)?.state !== "failed") return;
    this.#deps.outbox.remove(clientMsgId);
    this.#deps.changed();
  }

  connected(): void {
    this.#online = true;
    this.pump();
  }

  disconnected(): void {
    this.#online = false;
    for (const { cancel } of this.#busy.values()) cancel();
    this.#busy.clear();
    this.#answered.clear();
  }

  /** Send what can be sent now. */
  pump(): void {
    if (!this.#online) return;
    for (const item of this.#deps.outbox.items) {
      if (item.state === "failed" || this.#busy.has(item.log)) continue;
      if (this.#answered.has(item.clientMsgId)) continue;
      // The replay may hold the echo: sending before its end would only ask for a duplicate.
      if (this.#deps.followed(item.log)?.live === false) continue;
      this.#send(item);
    }
  }

  /** Settle what the log now holds. */
  echoed(entries: readonly LogEntry[]): void {
    let settled = false;
    for (const entry of entries) {
      const id = entry.kind === "message" ? entry.data["client_msg_id"] : undefined;
      if (typeof id !== "string" || !this.#deps.outbox.remove(id)) continue;
      this.#release(id);
      settled = true;
    }
    if (!settled) return;
    this.#deps.changed();
    this.pump();
  }

  ack(frame: Ack): void {
    const item = this.#deps.outbox.get(frame.re);
    if (item === undefined) return;
    this.#release(frame.re);
    if (frame.status === "rejected") {
      this.#refused(item, frame.code ?? "rejected", frame.retry_after_ms ?? null);
    } else {
      this.#taken(item, frame.seq ?? null);
    }
    this.#deps.changed();
    this.pump();
  }

  error(frame: ErrorFrame): void {
    const item = frame.re ? this.#deps.outbox.get(frame.re) : undefined;
    if (item === undefined) return;
    this.#release(item.clientMsgId);
    if (frame.retryable) this.#pause(item, frame.retry_after_ms ?? PAUSE_MS);
    else this.#refused(item, frame.code, null);
    this.#deps.changed();
    this.pump();
  }

  #send(item: OutboxItem): void {
    const frame: Send = {
      t: "send",
      log: item.log,
      client_msg_id: item.clientMsgId,
      parts: [{ type: "text", text: item.text }],
      ...(item.mode === null ? {} : { mode: item.mode }),
      ...(item.iface ? { iface: item.iface } : {}),
    };
    if (!this.#deps.transmit(frame)) return;
    this.#hold(item, ANSWER_MS);
  }

  #taken(item: OutboxItem, seq: number | null): void {
    const followed = this.#deps.followed(item.log);
    const inTheLog = seq !== null && followed !== undefined && seq <= followed.view.seq;
    if (followed === undefined || inTheLog) {
      this.#deps.outbox.remove(item.clientMsgId);
      return;
    }
    this.#answered.add(item.clientMsgId);
    this.#deps.outbox.put({ ...item, state: "accepted" });
    if (seq !== null) followed.head({ seq });
  }

  #refused(item: OutboxItem, code: string, retryAfterMs: number | null): void {
    if (retryAfterMs !== null) this.#pause(item, retryAfterMs);
    else if (GONE.has(code)) this.#deps.outbox.remove(item.clientMsgId);
    else this.#deps.outbox.put({ ...item, state: "failed", code });
  }

  #pause(item: OutboxItem, ms: number): void {
    this.#answered.delete(item.clientMsgId);
    this.#deps.outbox.put({ ...item, state: "queued" });
    this.#hold(item, ms);
  }

  #hold(item: OutboxItem, ms: number): void {
    const release = () => {
      this.#busy.delete(item.log);
      this.pump();
    };
    this.#busy.set(item.log, {
      id: item.clientMsgId,
      cancel: this.#deps.clock.after(ms, release),
    });
  }

  #release(clientMsgId: string): void {
    for (const [log, { id, cancel }] of this.#busy) {
      if (id !== clientMsgId) continue;
      cancel();
      this.#busy.delete(log);
    }
  }
}
