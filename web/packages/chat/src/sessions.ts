import type { LogEntry, SessionCreated, SessionData, SessionInfo } from "@uchat/contracts";
import { timeOfId } from "@uchat/client";

/** A conversation as the list shows it. */
export interface Session {
  readonly id: string;
  readonly title: string;
  readonly mode: string | null;
  /** RFC 3339. */
  readonly updatedAt: string;
  readonly home: boolean;
  readonly pinned: boolean;
  readonly archived: boolean;
}

export function sessionOf(summary: SessionInfo): Session {
  return {
    id: summary.session_id,
    title: summary.title,
    mode: summary.mode ?? null,
    updatedAt: summary.updated_at,
    home: summary.home,
    pinned: summary.pinned,
    archived: summary.archived,
  };
}

/** A conversation that was made just now, before its own log tells of it. */
export function newSession(made: SessionCreated, now: number): Session {
  return {
    id: made.session_id,
    title: made.title,
    mode: made.mode ?? null,
    updatedAt: new Date(now).toISOString(),
    home: false,
    pinned: false,
    archived: false,
  };
}

/** The list after an entry of the person's own log. */
export function withEntry(sessions: readonly Session[], entry: LogEntry): readonly Session[] {
  const id = entry.data["session_id"];
  if (typeof id !== "string") return sessions;
  if (entry.kind === "session.deleted") return sessions.filter((session) => session.id !== id);
  if (entry.kind !== "session.created" && entry.kind !== "session.updated") return sessions;
  const data = entry.data as unknown as SessionData;
  const known = sessions.find((session) => session.id === id);
  const next: Session = {
    id,
    title: data.title,
    mode: data.mode ?? null,
    updatedAt: known?.updatedAt ?? entry.ts,
    home: data.home,
    pinned: data.pinned,
    archived: data.archived,
  };
  return withSession(sessions, next);
}

export function withSession(sessions: readonly Session[], next: Session): readonly Session[] {
  return [...sessions.filter((session) => session.id !== next.id), next].toSorted(inOrder);
}

/** Something was said in a conversation: it moves up. */
export function touched(
  sessions: readonly Session[],
  id: string,
  at: string,
): readonly Session[] {
  const session = sessions.find((one) => one.id === id);
  if (session === undefined || Date.parse(session.updatedAt) >= Date.parse(at)) return sessions;
  return withSession(sessions, { ...session, updatedAt: at });
}

/** What to call a conversation that nobody has named. */
export function titleOf(session: Pick<Session, "id" | "title" | "home">): string {
  if (session.title) return session.title;
  if (session.home) return "Home";
  const made = timeOfId(session.id);
  if (made === null) return "Conversation";
  const day = made.toLocaleDateString(undefined, { day: "numeric", month: "short" });
  const time = made.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return `${day}, ${time}`;
}

const NAME_LENGTH = 48;

/** A name for a conversation that begins with this message. */
export function nameFor(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  if (line.length <= NAME_LENGTH) return line;
  const cut = line.slice(0, NAME_LENGTH);
  const words = cut.slice(0, Math.max(cut.lastIndexOf(" "), NAME_LENGTH / 2));
  return `${words.trimEnd()}…`;
}

/** Pinned first, then home, then what was used last. */
export function inOrder(a: Session, b: Session): number {
  return (
    Number(b.pinned) - Number(a.pinned) ||
    Number(b.home) - Number(a.home) ||
    Date.parse(b.updatedAt) - Date.parse(a.updatedAt)
  );
}
