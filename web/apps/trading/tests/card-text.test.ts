import type { Card, Venue } from "@uchat/contracts";
import { describe, expect, test } from "vitest";
import { liveAt } from "../src/decision/account";
import { clockOf } from "../src/decision/Countdown";
import {
  headlineOf,
  headlineOfWish,
  isSettled,
  kindOf,
  lateOf,
  legLine,
  resolutionOf,
  statusOf,
  stepsOf,
  totalOf,
  waitsForOthers,
} from "../src/decision/cardText";
import { card, ME, PLAN } from "../../../packages/client/tests/cards";

const APPROVED = {
  choice: "approve" as const,
  by: ME,
  via: "telegram",
  at: "2026-11-23T02:00:10Z",
  display_name: "",
};
const FILLED: NonNullable<Card["result"]> = {
  at: "2026-11-23T02:00:11Z",
  orders: [
    {
      leg: 1,
      order_id: "o",
      client_order_id: "c",
      symbol: "BTC",
      side: "buy",
      status: "filled",
      quantity: "0.01",
      filled: "0.01",
      average_price: "65010",
      fee: "0.65",
      fee_asset: "USDT",
      at: "2026-11-23T02:00:11Z",
    },
  ],
};

describe("the account of a card", () => {
  const live = { ...PLAN, simulated: false, venue: "okx" };
  const known = [{ venue: "okx", name: "OKX" }] as unknown as Venue[];

  test("is the one on paper unless the plan says otherwise", () => {
    expect(liveAt(card(), null)).toBeNull();
    expect(liveAt(card({ plan: live }), null)).toBe("Okx");
    expect(liveAt(card({ plan: live }), known)).toBe("OKX");
  });

  test("is known before there is a price, or when there is none", () => {
    const { plan: _, ...unpriced } = card({ state: "denied" });
    expect(liveAt(unpriced, null)).toBeNull();
    const request = { ...unpriced.request, venue: "binance" };
    expect(liveAt({ ...unpriced, request }, null)).toBe("Binance");
  });
});

describe("a card says", () => {
  test("what the order is, priced or not", () => {
    expect(headlineOf(card())).toBe("Buy 0.01 BTC");
    expect(headlineOf(card({ plan: null }))).toBe("Buy 0.01 BTC");
    const [order] = card().request.legs;
    if (order === undefined) throw new Error("no order");
    const wish = { ...order, symbol: "ETH", side: "sell" as const, quantity: null, amount: "250" };
    expect(headlineOfWish({ ...card().request, legs: [wish] })).toBe("Sell ETH for 250.00 USDT");
    const [leg] = PLAN.legs;
    if (leg === undefined) throw new Error("no leg");
    const plan = { ...PLAN, legs: [leg, { ...leg, n: 2 }, { ...leg, n: 3, side: "sell" as const }] };
    expect(headlineOf(card({ plan }))).toBe("2 buys and 1 sale together");
  });

  test("at which price it goes to the market, and what sort it is", () => {
    const [leg] = PLAN.legs;
    if (leg === undefined) throw new Error("no leg");
    const stop = { ...leg, side: "sell" as const, type: "stop" as const, trigger_price: "60000" };
    expect(legLine(stop)).toBe("Sell 0.01 BTC if it falls to 60,000.00");
    expect(legLine({ ...stop, type: "take_profit" })).toContain("if it rises to");
    const maker = { ...leg, type: "limit" as const, post_only: true };
    expect(kindOf(maker)).toBe("Limit order, only as maker");
  });

  test("that somebody else has to approve as well", () => {
    const first = { ...APPROVED, by: ME };
    const waiting = card({ approvals: [first], approvals_needed: 2 });
    expect(statusOf(waiting, null, false, ME).text).toBe("Waiting for a second approval");
    expect(waitsForOthers(waiting, ME)).toBe(true);
    const bosss = card({ approvals: [{ ...first, by: "user_B" }], approvals_needed: 2 });
    expect(statusOf(bosss, null, false, ME).text).toBe("Waiting for you");
    expect(stepsOf(waiting, ME).map(({ text }) => text)).toContain("Approved by you on Telegram");
  });

  test("whose it is, of what somebody else asks a second approval for", () => {
    const owner = { name: "t…@e….com", organisation: "Acme" };
    const asked = card({ owner, user_id: "user_T", approvals_needed: 2 });
    expect(statusOf(asked, null, false, ME).text).toBe("Waiting for your approval");
    expect(totalOf(asked)?.label).toBe("They pay");
    const theirs = { ...APPROVED, by: "user_T" };
    const second = card({ ...asked, approvals: [theirs] });
    expect(statusOf(second, null, false, ME).text).toBe("Waiting for your approval");
    const mine = card({ ...asked, approvals: [{ ...APPROVED, by: ME }] });
    expect(statusOf(mine, null, false, ME).text).toBe("Waiting for t…@e….com");
    expect(waitsForOthers(mine, ME)).toBe(true);
  });

  test("what is paid in all while it waits, and what was paid once it is done", () => {
    expect(totalOf(card())).toEqual({ label: "You pay", amount: "650.77 USDT" });
    const done = card({ state: "executed", resolved: APPROVED, result: FILLED });
    expect(totalOf(done)).toEqual({ label: "Paid", amount: "650.75 USDT" });
    expect(totalOf(card({ state: "rejected" }))).toBeNull();
  });

  test("who approved it, and where", () => {
    expect(resolutionOf(APPROVED, ME)).toBe("Approved by you on Telegram");
    expect(resolutionOf({ ...APPROVED, by: "user_X" }, ME)).toBe(
      "Approved by somebody else on Telegram",
    );
    expect(resolutionOf({ ...APPROVED, mandate_id: "m" }, ME)).toBe(
      "Approved by itself, within your mandate",
    );
    expect(resolutionOf({ ...APPROVED, choice: "reject", via: "web_ui" }, ME)).toBe(
      "Rejected by you on the dashboard",
    );
  });

  test("every step with its time", () => {
    const steps = stepsOf(card({ state: "executed", resolved: APPROVED, result: FILLED }), ME);
    expect(steps.map((step) => step.text)).toEqual([
      "Proposed on the web chat",
      "Approved by you on Telegram",
      "Bought 0.01 BTC at 65,010.00 USDT, fee 0.65 USDT",
    ]);
  });

  test.each([
    ["proposed", "Being priced", "busy", false],
    ["awaiting_approval", "Waiting for you", "ask", false],
    ["executing", "Executing", "busy", false],
    ["executed", "Filled", "good", true],
    ["denied", "Not allowed", "bad", true],
    ["rejected", "Rejected", "quiet", true],
    ["superseded", "Replaced", "quiet", true],
    ["some_later_state", "some later state", "quiet", true],
  ])("%s as %s", (state, text, tone, settled) => {
    expect(statusOf(card({ state }), null, false)).toEqual({ text, tone });
    expect(isSettled(card({ state }))).toBe(settled);
  });

  test("that an answer is on its way, or came too late", () => {
    const answer = {
      choice: "approve" as const,
      planHash: "hash-1",
      opId: "op-1",
      state: "sending" as const,
      status: null,
      problem: null,
    };
    expect(statusOf(card(), answer, false).text).toBe("Approving");
    expect(statusOf(card(), null, true).text).toBe("Expired");
    const late = { ...answer, state: "recorded" as const, status: "already_resolved" as const };
    const resolved = card({ state: "executing", resolved: APPROVED });
    expect(lateOf(resolved, late, ME)).toBe(
      "It had been answered already. Approved by you on Telegram.",
    );
    expect(lateOf(resolved, { ...late, status: "accepted" }, ME)).toBeNull();
  });
});

test.each([
  [0, "0:00"],
  [9, "0:09"],
  [65, "1:05"],
  [3_661, "1:01:01"],
])("%i seconds read %s", (seconds, text) => {
  expect(clockOf(seconds)).toBe(text);
});
