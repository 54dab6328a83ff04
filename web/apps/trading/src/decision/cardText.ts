/** What a decision card says, from the card alone. Pure. */
import { awaitsMe, isAwaiting, isOthers, type OwnAnswer } from "@uchat/chat/cards";
import type {
  Approval,
  Card,
  Leg,
  OrderResult,
  LegRequest,
  PlanRequest,
} from "@uchat/contracts";
import { interfaceName } from "../ui/interfaces";
import { money, price, quantity } from "../ui/money";

export type Tone = "ask" | "busy" | "good" | "bad" | "quiet";

export interface Status {
  text: string;
  tone: Tone;
}

export interface Step {
  text: string;
  /** RFC 3339. */
  at: string;
  tone: Tone;
}

const STATUSES: Readonly<Record<string, Status>> = {
  proposed: { text: "Being priced", tone: "busy" },
  awaiting_approval: { text: "Waiting for you", tone: "ask" },
  denied: { text: "Not allowed", tone: "bad" },
  approved: { text: "Approved", tone: "busy" },
  rejected: { text: "Rejected", tone: "quiet" },
  expired: { text: "Expired", tone: "quiet" },
  superseded: { text: "Replaced", tone: "quiet" },
  cancelled: { text: "Cancelled", tone: "quiet" },
  executing: { text: "Executing", tone: "busy" },
  executed: { text: "Filled", tone: "good" },
  partially_executed: { text: "Partly filled", tone: "good" },
  failed: { text: "Failed", tone: "bad" },
  needs_human: { text: "Being checked", tone: "bad" },
};

const ANSWERING = { approve: "Approving", reject: "Rejecting", modify: "Pricing the change" };

/** Somebody has approved it, and somebody else has to as well. */
export function needsSecond(card: Card): boolean {
  const given = card.approvals.length;
  return isAwaiting(card) && given > 0 && given < card.approvals_needed;
}

/** It waits for somebody else's approval: whoever sees it so has given theirs, or need not. */
export function waitsForOthers(card: Card, me: string | undefined): boolean {
  return needsSecond(card) && !awaitsMe(card, me ?? null);
}

/** What state a card is in; `over`: its time has run out here, the server has not said so yet. */
export function statusOf(
  card: Card,
  answer: OwnAnswer | null,
  over: boolean,
  me?: string,
): Status {
  const asked = isAwaiting(card) ? askedStatus(card, answer, over, me) : null;
  const known = asked ?? STATUSES[card.state];
  return known ?? { text: card.state.replaceAll("_", " "), tone: "quiet" };
}

function askedStatus(
  card: Card,
  answer: OwnAnswer | null,
  over: boolean,
  me: string | undefined,
): Status | null {
  const waits = waitsForOthers(card, me);
  if (answer?.state === "sending" || (answer?.state === "recorded" && !waits)) {
    return { text: ANSWERING[answer.choice], tone: "busy" };
  }
  if (over) return { text: "Expired", tone: "quiet" };
  if (waits) return { text: `Waiting for ${whomOf(card)}`, tone: "busy" };
  return isOthers(card) ? { text: "Waiting for your approval", tone: "ask" } : null;
}

function whomOf(card: Card): string {
  return card.owner?.name ?? "a second approval";
}

/** The order in a few words, as "Buy 0.01 BTC". */
export function headlineOf(card: Card): string {
  const legs = card.plan?.legs ?? [];
  const [leg] = legs;
  if (leg !== undefined && legs.length === 1) return legLine(leg);
  return legs.length > 1 ? manyOf(legs) : headlineOfWish(card.request);
}

/** The same of what is not priced yet. */
export function headlineOfWish({ legs, quote_currency: quote }: PlanRequest): string {
  const [wish, ...more] = legs;
  if (wish === undefined) return "Order";
  if (more.length > 0) return manyOf(legs);
  return `${sideName(wish.side)} ${sizeOf(wish, quote)}${whenOf(wish)}`;
}

function sizeOf(wish: LegRequest, quote: string): string {
  if (wish.all) return `all ${wish.symbol}`;
  if (wish.quantity) return `${quantity(wish.quantity)} ${wish.symbol}`;
  return `${wish.symbol} for ${money(wish.amount, quote)}`;
}

/** At which price it is sent to the market, for orders that wait for one. */
function whenOf(order: Pick<LegRequest, "side" | "type" | "trigger_price">): string {
  if (!order.trigger_price) return "";
  const falls = (order.side === "sell") === (order.type === "stop");
  return ` if it ${falls ? "falls" : "rises"} to ${price(order.trigger_price)}`;
}

const UNSETTLED: ReadonlySet<string> = new Set([
  "proposed",
  "awaiting_approval",
  "approved",
  "executing",
]);

/** Nothing more happens to it. */
export function isSettled(card: Card): boolean {
  return !UNSETTLED.has(card.state);
}

/** What the person pays or gets in all, with the fee; of a settled card, what moved. */
export function totalOf(card: Card): { label: string; amount: string } | null {
  const { plan, effect } = card;
  if (isSettled(card)) return movedOf(card);
  if (!plan) return null;
  if (effect) {
    const change = Number(effect.cash_after) - Number(effect.cash_before);
    const who = isOthers(card) ? "They" : "You";
    const label = `${who} ${change < 0 ? "pay" : "get"}`;
    return { label, amount: money(String(Math.abs(change)), plan.quote_currency) };
  }
  return { label: "Value", amount: money(plan.total, plan.quote_currency) };
}

function movedOf(card: Card): { label: string; amount: string } | null {
  const currency = card.request.quote_currency;
  let moved = 0;
  for (const order of card.result?.orders ?? []) {
    const value = Number(order.filled) * Number(order.average_price ?? 0);
    const fee = order.fee_asset === currency ? Number(order.fee) : 0;
    moved += order.side === "sell" ? value - fee : -value - fee;
  }
  if (moved === 0) return null;
  const amount = money(String(Math.abs(moved)), currency);
  return { label: moved < 0 ? "Paid" : "Received", amount };
}

/** What happened to it so far: where, when, and at what price. */
export function stepsOf(card: Card, me: string | undefined): Step[] {
  const steps: Step[] = [
    {
      text: `Proposed on ${interfaceName(card.interface)}`,
      at: card.proposed_at,
      tone: "quiet",
    },
  ];
  const first = card.approvals.filter(({ at }) => at !== card.resolved?.at);
  for (const approval of first) {
    steps.push({ text: resolutionOf(approval, me), at: approval.at, tone: "good" });
  }
  if (card.resolved) {
    const tone = card.resolved.choice === "approve" ? "good" : "quiet";
    steps.push({ text: resolutionOf(card.resolved, me), at: card.resolved.at, tone });
  }
  for (const order of card.result?.orders ?? []) {
    steps.push({ text: fillOf(order, card), at: order.at, tone: toneOf(order) });
  }
  return steps;
}

export function resolutionOf(resolved: Approval, me: string | undefined): string {
  const verb = resolved.choice === "approve" ? "Approved" : "Rejected";
  if (resolved.mandate_id) return `${verb} by itself, within your mandate`;
  const who = resolved.by === me ? "you" : resolved.display_name || "somebody else";
  return `${verb} by ${who} on ${interfaceName(resolved.via)}`;
}

/** What to say when this window's answer was not the one that counted. */
export function lateOf(
  card: Card,
  answer: OwnAnswer | null,
  me: string | undefined,
): string | null {
  if (answer?.status !== "already_resolved" || !card.resolved) return null;
  return `It had been answered already. ${resolutionOf(card.resolved, me)}.`;
}

export function legLine(leg: Leg): string {
  return `${sideName(leg.side)} ${quantity(leg.quantity)} ${leg.symbol}${whenOf(leg)}`;
}

const KINDS: Readonly<Record<string, string>> = {
  market: "Market order",
  limit: "Limit order",
  stop: "Stop order",
  take_profit: "Take-profit order",
};

/** What sort of order it is, as "Limit order, only as maker". */
export function kindOf(leg: Leg): string {
  const words = [KINDS[leg.type] ?? leg.type];
  if (leg.post_only) words.push("only as maker");
  if (leg.time_in_force === "ioc") words.push("what is not filled at once is cancelled");
  if (leg.time_in_force === "fok") words.push("all at once or not at all");
  if (leg.kept_here) words.push("watched here, sent when the price is reached");
  return words.join(", ");
}

export function sideName(side: string): string {
  return side === "sell" ? "Sell" : "Buy";
}

function fillOf(order: OrderResult, card: Card): string {
  const currency = card.request.quote_currency;
  const what = `${quantity(order.filled)} ${order.symbol}`;
  if (Number(order.filled) === 0) return `${order.symbol}: ${order.status.replaceAll("_", " ")}`;
  const verb = order.side === "sell" ? "Sold" : "Bought";
  const fee = `fee ${money(order.fee, order.fee_asset)}`;
  return `${verb} ${what} at ${price(order.average_price)} ${currency}, ${fee}`;
}

function toneOf(order: OrderResult): Tone {
  if (order.status === "filled") return "good";
  return Number(order.filled) > 0 ? "good" : "bad";
}

function manyOf(legs: readonly { side: string }[]): string {
  const buys = legs.filter((leg) => leg.side === "buy").length;
  const sells = legs.length - buys;
  const parts = [count(buys, "buy", "buys"), count(sells, "sale", "sales")];
  return `${parts.filter((part) => part !== "").join(" and ")} together`;
}

function count(number: number, one: string, many: string): string {
  if (number === 0) return "";
  return number === 1 ? `1 ${one}` : `${number} ${many}`;
}
