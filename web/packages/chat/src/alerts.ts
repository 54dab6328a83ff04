/** What the person is told of: alerts, the daily summary, and what of them has just arrived. */
import type {
  Alert,
  NewAlert,
  Digest,
  DigestSettings,
  KeyChanged,
  LogEntry,
} from "@uchat/contracts";
import type { ChatController } from "./controller";
import type { Screen } from "./screen";
import type { Loading } from "./trading-state";

const HOUR_MS = 3_600_000;
/** More than these at once nobody reads: the others stand in the list. */
const NOTICES = 3;

/** Something that was told just now, until somebody puts it away. */
export interface Notice {
  id: string;
  title: string;
  text: string;
  at: string;
  /** The alert that it is of; null: the daily summary, or a key of an exchange. */
  alertId: string | null;
  /** The exchange where orders are open that only the person cancels. */
  ordersAt?: string;
}

export interface AlertData {
  /** Latest first; those that are over as well. */
  alerts: readonly Alert[];
  alertsState: Loading;
  digest: DigestSettings | null;
  notices: readonly Notice[];
}

export interface AlertActions {
  loadAlerts(): Promise<void>;
  /** Tells whether it was set; if not, the page says why. */
  setAlert(request: NewAlert): Promise<boolean>;
  /** Silence an alert for an hour; null: not any more. */
  snoozeAlert(id: string, hours: number | null): Promise<void>;
  deleteAlert(id: string): Promise<void>;
  loadDigest(): Promise<void>;
  saveDigest(settings: DigestSettings): Promise<boolean>;
  dismissNotice(id: string): void;
}

type Attempt = (task: () => Promise<unknown>) => Promise<boolean>;
type Change = Partial<AlertData>;

export const noAlerts: AlertData = {
  alerts: [],
  alertsState: "loading",
  digest: null,
  notices: [],
};

/** What one entry of the person's log changes. Pure. */
export function toldOfAlerts(data: AlertData, entry: LogEntry): Change {
  // The server validates what it sends against the models that these types come from.
  switch (entry.kind) {
    case "alert": {
      const alert = entry.data as unknown as Alert;
      return { alerts: withAlert(data.alerts, alert), notices: withFiring(data.notices, alert) };
    }
    case "alert.changed":
      return { alerts: withAlert(data.alerts, entry.data as unknown as Alert) };
    case "digest": {
      const { day, text, at } = entry.data as unknown as Digest;
      const notice = { id: day, title: "Your day", text, at, alertId: null };
      return { notices: withNotice(data.notices, notice) };
    }
    case "venue_key": {
      const { account, rev, text, at, ...key } = entry.data as unknown as KeyChanged;
      const open = (key.still_open ?? []).length > 0 ? { ordersAt: key.venue } : {};
      const title = "Your key at an exchange";
      const notice = { id: `${account}:${rev}`, title, text, at, alertId: null, ...open };
      return { notices: withNotice(data.notices, notice) };
    }
    default:
      return {};
  }
}

/** An older state never replaces a newer one; a deleted alert is gone. */
export function withAlert(alerts: readonly Alert[], next: Alert): readonly Alert[] {
  const held = alerts.find((alert) => alert.alert_id === next.alert_id);
  if (held !== undefined && held.rev > next.rev) return alerts;
  const others = alerts.filter((alert) => alert !== held);
  if (next.state === "deleted") return others;
  return [next, ...others].toSorted(
    (a, b) => Date.parse(b.created_at) - Date.parse(a.created_at),
  );
}

export function isActive(alert: Alert): boolean {
  return alert.state !== "done" && alert.state !== "deleted";
}

export function alertActions(
  controller: ChatController,
  screen: Screen,
  attempt: Attempt,
): AlertActions {
  const { trading, clock } = controller.services;
  const show = (ask: () => Promise<Alert>) =>
    attempt(async () => {
      const alert = await ask();
      screen.set({ alerts: withAlert(screen.get().alerts, alert) });
    });
  const putAway = (id: string) =>
    screen.set({ notices: screen.get().notices.filter((notice) => notice.id !== id) });
  return {
    async loadAlerts() {
      const done = await attempt(async () => {
        const { alerts } = await trading.alerts();
        screen.set({ alerts, alertsState: "ready" });
      });
      if (!done && screen.get().alertsState === "loading") screen.set({ alertsState: "failed" });
    },
    setAlert: (request) => show(() => trading.setAlert(request)),
    async snoozeAlert(id, hours) {
      const { clockOffset } = screen.get();
      const until =
        hours === null
          ? null
          : new Date(clock.now() + clockOffset + hours * HOUR_MS).toISOString();
      await show(() => trading.snoozeAlert(id, until));
    },
    async deleteAlert(id) {
      await show(() => trading.deleteAlert(id));
    },
    async loadDigest() {
      await attempt(async () => screen.set({ digest: await trading.digest() }));
    },
    saveDigest: (settings) =>
      attempt(async () => screen.set({ digest: await trading.setDigest(settings) })),
    dismissNotice: putAway,
  };
}

function withFiring(notices: readonly Notice[], alert: Alert): readonly Notice[] {
  const { fired } = alert;
  if (!fired) return notices;
  const id = `${alert.alert_id}:${fired.n}`;
  return withNotice(notices, {
    id,
    title: alert.text,
    text: fired.text,
    at: fired.at,
    alertId: alert.alert_id,
  });
}

function withNotice(notices: readonly Notice[], next: Notice): readonly Notice[] {
  return [next, ...notices.filter((notice) => notice.id !== next.id)].slice(0, NOTICES);
}
