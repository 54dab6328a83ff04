/** Decisions by id, and what is asked of the person. Pure. */
import type { Ack, Card } from "@uchat/contracts";
import { byProposal } from "@uchat/client";

export type CardBook = Readonly<Record<string, Card>>;
export type Choice = "approve" | "reject" | "modify";

/** What this window answered to a plan, and how far that is. */
export interface OwnAnswer {
  readonly choice: Choice;
  /** The plan that was answered: of a later one nothing is said yet. */
  readonly planHash: string;
  readonly opId: string;
  readonly state: "sending" | "recorded" | "failed";
  /** What the server said: whether this answer counts, or an earlier one did. */
  readonly status: Ack["status"] | null;
  readonly problem: string | null;
}

const AWAITING = "awaiting_approval";

/** The book after some more cards; the same book if they tell nothing new. */
export function withCards(book: CardBook, cards: readonly Card[]): CardBook {
  const fresh = cards.filter((card) => card.rev > (book[card.decision_id]?.rev ?? 0));
  if (fresh.length === 0) return book;
  const next: Record<string, Card> = { ...book };
  for (const card of fresh.toSorted((a, b) => a.rev - b.rev)) next[card.decision_id] = card;
  return next;
}

export function isAwaiting(card: Card): boolean {
  return card.state === AWAITING;
}

/** Somebody else's, which this person was asked to approve as the second one. */
export function isOthers(card: Card): boolean {
  return (card.owner ?? null) !== null;
}

/** It waits, and this person's approval would bring it further. */
export function awaitsMe(card: Card, me: string | null): boolean {
  if (!isAwaiting(card)) return false;
  const owners = (by: string): boolean => by === card.user_id || (!isOthers(card) && by === me);
  return isOthers(card)
    ? card.approvals.every(({ by }) => owners(by))
    : !card.approvals.some(({ by }) => owners(by));
}

/** The cards that wait for this person's answer, by time of proposal. */
export function awaiting(book: CardBook, me: string | null): readonly Card[] {
  return Object.values(book)
    .filter((card) => awaitsMe(card, me))
    .toSorted(byProposal);
}

/** What quotes a decision again, or finishes it, by time of proposal; not what follows on those. */
export function followersOf(book: CardBook, id: string): readonly string[] {
  const known = Object.values(book)
    .filter((card) => card.follows === id)
    .toSorted(byProposal)
    .map((card) => card.decision_id);
  const next = book[id]?.superseded_by;
  return next && !known.includes(next) ? [...known, next] : known;
}

/** What is asked now: of the conversation that is shown first, then of any other. */
export function pendingDecision(waiting: readonly Card[], sessionId: string | null): Card | null {
  return waiting.find((card) => card.session_id === sessionId) ?? waiting[0] ?? null;
}

/** This window's answer to the plan as it stands, if it gave one. */
export function answerTo(card: Card, answer: OwnAnswer | undefined): OwnAnswer | null {
  return answer !== undefined && answer.planHash === card.plan_hash ? answer : null;
}

/** Milliseconds until the card expires by the server's clock; null when it does not. */
export function leftMs(card: Card, serverNow: number): number | null {
  const at = card.expires_at ?? card.plan?.expires_at ?? null;
  return at === null ? null : leftOf(at, serverNow);
}

/** Milliseconds until then (RFC 3339), none when it is past. */
export function leftOf(at: string, serverNow: number): number {
  return Math.max(0, Date.parse(at) - serverNow);
}
