/** Bodies of the HTTP API that the clients use. */
export interface SignedIn {
  access_token: string;
  refresh_token: string;
  /** Seconds. */
  expires_in: number;
  user_id: string;
  role: string;
}

export interface Account {
  id: string;
  email?: string | null;
  full_name?: string | null;
  role: string;
}

export interface SessionSummary {
  session_id: string;
  title: string;
  mode?: string | null;
  last_seq: number;
  updated_at: string;
  unread?: number;
  home?: boolean;
  archived?: boolean;
  pinned?: boolean;
}

export interface SessionPage {
  sessions: SessionSummary[];
  next?: string | null;
}

export interface NewSession {
  session_id: string;
  epoch: string;
  seq: number;
  title: string;
  mode?: string | null;
}

export interface SessionChange {
  title?: string;
  mode?: string;
  archived?: boolean;
  pinned?: boolean;
}

/** An entry of a log as history tells it: an `ev` frame without its `t`. */
export interface HistoryEntry {
  log: string;
  seq: number;
  ts: string;
  type: string;
  data: Record<string, unknown>;
}

export interface HistoryPage {
  session_id: string;
  epoch: string;
  /** Where the log ends. */
  seq: number;
  /** Oldest first. */
  entries: HistoryEntry[];
  next?: number | null;
}

/** Problem JSON (RFC 9457) with a stable code. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  errors?: { field: string; code: string; detail: string }[] | null;
}
