/** Decisions as the logs tell of them. Pure. */
import type { Card, LogEntry } from "@uchat/contracts";

const CARD_KINDS: ReadonlySet<string> = new Set(["decision", "decision.resolved", "execution"]);

/** What may still change by itself or by a person; a card in any other state is history. */
const OPEN_STATES: ReadonlySet<string> = new Set([
  "proposed",
  "awaiting_approval",
  "approved",
  "executing",
  "needs_human",
]);

export function isOpen(card: Pick<Card, "state">): boolean {
  return OPEN_STATES.has(card.state);
}

/** The card that an entry holds, if it is about a decision. */
export function cardOf(entry: LogEntry): Card | null {
  // The server validates what it sends against the model that this type comes from.
  return CARD_KINDS.has(entry.kind) ? (entry.data as unknown as Card) : null;
}

/** The open cards after one more event of a decision, by time of proposal. */
export function withPending(pending: readonly Card[], card: Card): readonly Card[] {
  const others = pending.filter((held) => held.decision_id !== card.decision_id);
  return isOpen(card) ? [...others, card].toSorted(byProposal) : others;
}

export function byProposal(a: Card, b: Card): number {
  const when = Date.parse(a.proposed_at) - Date.parse(b.proposed_at);
  return when || (a.decision_id < b.decision_id ? -1 : 1);
}
