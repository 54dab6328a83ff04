import type { Alert } from "@uchat/contracts";
import { whenShort } from "../ui/time";

/** How an alert stands, in a few words; empty: it simply waits. */
export function alertState(alert: Alert): string {
  if (alert.state === "snoozed" && alert.snoozed_until) {
    return `Silent until ${whenShort(Date.parse(alert.snoozed_until))}`;
  }
  if (alert.state === "fired") return "Told; waits until it has gone back";
  if (alert.state === "done") return "Told, over";
  return alert.beyond ? "Holds now; waits for the next time" : "Waits";
}

/** A figure as people type it, for the API; null: it is none. */
export function figureOf(typed: string): string | null {
  const plain = typed.replaceAll(/[\s'$%]/g, "").replace(/,(?=\d{3}\b)/g, "").replace(",", ".");
  const match = /^(\d+(?:\.\d+)?)(k)?$/i.exec(plain);
  if (match === null || Number(match[1]) <= 0) return null;
  return match[2] ? String(Number(match[1]) * 1000) : (match[1] ?? null);
}
