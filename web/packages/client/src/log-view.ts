/** What a client knows of one log, as a fold over its entries. Pure: no clock, no socket. */
import type { Card, Entry, LogEntry, LogState, SessionData } from "@uchat/contracts";
import { cardOf, withPending } from "./cards";

export interface LogView {
  readonly log: string;
  /** Empty until the first snapshot. */
  readonly epoch: string;
  readonly seq: number;
  readonly title: string;
  readonly mode: string | null;
  readonly archived: boolean;
  readonly pinned: boolean;
  /** Oldest first, without gaps, up to `seq`; older ones may be fetched and put before. */
  readonly entries: readonly LogEntry[];
  /** The latest card of each decision that is open at `seq`. */
  readonly pending: readonly Card[];
}

export type Outcome = "applied" | "ignored" | "gap";

export function emptyView(log: string): LogView {
  return {
    log,
    epoch: "",
    seq: 0,
    title: "",
    mode: null,
    archived: false,
    pinned: false,
    entries: [],
    pending: [],
  };
}

/** A snapshot replaces all that was known. */
export function viewOf(state: LogState): LogView {
  return {
    log: state.log,
    epoch: state.epoch,
    seq: state.seq,
    title: state.title,
    mode: state.mode ?? null,
    archived: state.archived,
    pinned: state.pinned,
    entries: state.entries,
    pending: state.pending,
  };
}

/** An event of the wire as an entry; both carry the same under other names. */
export function entryOf(event: Entry, epoch: string): LogEntry {
  return {
    type: "log_entry.v1",
    log: event.log,
    epoch,
    seq: event.seq,
    ts: event.ts,
    kind: event.type,
    data: event.data,
  };
}

/** Apply an entry if and only if it is the next one; lower is ignored, higher is a gap. */
export function fold(view: LogView, entry: LogEntry): [LogView, Outcome] {
  if (entry.seq <= view.seq) return [view, "ignored"];
  if (entry.seq > view.seq + 1) return [view, "gap"];
  const card = cardOf(entry);
  const pending = card === null ? view.pending : withPending(view.pending, card);
  const next = { ...view, seq: entry.seq, entries: [...view.entries, entry], pending };
  const session = isConversation(view.log) ? sessionOf(entry) : null;
  if (session === null) return [next, "applied"];
  return [
    {
      ...next,
      title: session.title,
      mode: session.mode ?? null,
      archived: session.archived,
      pinned: session.pinned,
    },
    "applied",
  ];
}

/** Put older entries, as history returns them, before those that are known. */
export function withOlder(view: LogView, older: readonly LogEntry[]): LogView {
  const first = view.entries[0]?.seq ?? view.seq + 1;
  const fitting = older.filter((entry) => entry.seq < first);
  const last = fitting.at(-1)?.seq;
  if (last === undefined || last !== first - 1) return view;
  return { ...view, entries: [...fitting, ...view.entries] };
}

export function isConversation(log: string): boolean {
  return log.startsWith("unified_");
}

function sessionOf(entry: LogEntry): SessionData | null {
  const known = entry.kind === "session.created" || entry.kind === "session.updated";
  // The gateway validates what it sends against the same model that this type comes from.
  return known ? (entry.data as unknown as SessionData) : null;
}
