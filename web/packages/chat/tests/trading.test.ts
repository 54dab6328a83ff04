import type { Card, ServerFrame } from "@uchat/contracts";
import { describe, expect, test } from "vitest";
import { LOG, message, USER } from "../../client/tests/fakes";
import { awaiting, followersOf, leftMs, pendingDecision, withCards } from "../src/cards";
import { card } from "../../client/tests/cards";
import { make, OTHER, personal, problem, rest, say, signedIn, subscribed, type Made } from "./harness";

const PORTFOLIO = {
  account: "acct_1",
  venue: "paper",
  simulated: true,
  quote_currency: "USDT",
  cash: "10000",
  cash_reserved: "0",
  total: "10000",
  deposited: "10000",
  realised: "0",
  holdings: [],
  as_of: "2026-11-23T02:00:00Z",
  stale: false,
};
const KILL_SWITCH = { on: false, rev: 1, user_id: USER, in_flight: [] };
const APPROVED = card({
  rev: 3,
  state: "approved",
  resolved: {
    choice: "approve",
    by: USER,
    via: "telegram",
    at: "2026-11-23T02:00:10Z",
    display_name: "",
  },
});

function told(seq: number, data: Card, log = USER): ServerFrame {
  const type = data.resolved ? "decision.resolved" : "decision";
  return { ...personal(seq, type, data as unknown as Record<string, unknown>), log };
}

function asked(made: Made) {
  return made.server.last.sent("decide");
}

function approvedBy(by: string): Card {
  const approvals = APPROVED.resolved ? [{ ...APPROVED.resolved, by }] : [];
  return card({ approvals, approvals_needed: 2 });
}

function waits(one: Card): boolean {
  return awaiting({ d1: one }, USER).length > 0;
}

describe("cards", () => {
  test("an older event never replaces a newer one", () => {
    const book = withCards({}, [APPROVED, card()]);
    expect(book["d1"]).toBe(APPROVED);
    expect(withCards(book, [card()])).toBe(book);
  });

  test("of those that wait the shown conversation's comes first", () => {
    const here = card({ decision_id: "d2", proposed_at: "2026-11-23T02:00:30Z" });
    const there = card({ session_id: OTHER });
    const waiting = awaiting(withCards({}, [here, there]), USER);
    expect(waiting).toEqual([there, here]);
    expect(pendingDecision(waiting, LOG)).toBe(here);
    expect(pendingDecision(waiting, null)).toBe(there);
    expect(pendingDecision([], LOG)).toBeNull();
  });

  test("wait for nobody whose approval they have, nor for a second one of a second person", () => {
    expect([USER, "user_B"].filter((by) => waits(approvedBy(by)))).toEqual(["user_B"]);
    const owner = { name: "t…@e….com", organisation: "Acme" };
    const others = ["user_T", USER, "user_B"].filter((by) =>
      waits({ ...approvedBy(by), owner, user_id: "user_T" }),
    );
    expect(others).toEqual(["user_T"]);
  });

  test("count down by the server's clock, and stop at nothing", () => {
    const at = Date.parse("2026-11-23T02:01:00Z");
    expect(leftMs(card(), at - 5_000)).toBe(5_000);
    expect(leftMs(card(), at + 5_000)).toBe(0);
    expect(leftMs(card({ expires_at: null, plan: null }), at)).toBeNull();
  });
});

describe("decisions in the store", () => {
  test("come by snapshot, by the conversation and by the person's log, as one", async () => {
    const made = await signedIn();
    const [snapshot] = subscribed(OTHER);
    if (snapshot?.t !== "sub_ok") throw new Error("not a snapshot");
    made.state().openSession(OTHER);
    say(made, { ...snapshot, pending: [card({ session_id: OTHER })] });
    expect(made.state().pendingDecision?.decision_id).toBe("d1");
    say(made, told(1, APPROVED));
    expect(made.state()).toMatchObject({ awaiting: [], pendingDecision: null });
    expect(made.state().cards["d1"]?.resolved?.via).toBe("telegram");
  });

  test("are answered once, however often one presses", async () => {
    const made = await signedIn();
    say(made, told(1, card()));
    const first = made.state().decide("d1", "approve", "web_ui");
    await made.state().decide("d1", "approve", "web_chat");
    await made.state().decide("d1", "reject", "web_chat");
    expect(asked(made)).toHaveLength(1);
    const [{ op_id: re = "", ...frame } = {}] = asked(made);
    expect(frame).toEqual({
      t: "decide",
      decision_id: "d1",
      choice: "approve",
      plan_hash: "hash-1",
      iface: "web_ui",
    });
    say(made, { t: "ack", re, status: "accepted", canonical: APPROVED });
    await first;
    expect(made.state().answers["d1"]).toMatchObject({ state: "recorded", status: "accepted" });
    expect(made.state().cards["d1"]?.state).toBe("approved");
    await made.state().decide("d1", "approve", "web_ui");
    expect(asked(made)).toHaveLength(1);
  });

  test("that somebody answered first show what is on record", async () => {
    const made = await signedIn();
    say(made, told(1, card()));
    const answered = made.state().decide("d1", "reject", "widget");
    const re = asked(made)[0]?.op_id ?? "";
    say(made, { t: "ack", re, status: "already_resolved", canonical: APPROVED });
    await answered;
    expect(made.state().answers["d1"]).toMatchObject({ status: "already_resolved", problem: null });
    expect(made.state().cards["d1"]?.resolved?.choice).toBe("approve");
  });

  test("go over HTTP under the same op_id when the connection says nothing", async () => {
    const bodies: Record<string, unknown>[] = [];
    const made = await signedIn({
      "POST unified-chat/decision/approve": (body) => {
        bodies.push(body as Record<string, unknown>);
        return { status: "accepted", decision: APPROVED };
      },
    });
    say(made, told(1, card()));
    const answered = made.state().decide("d1", "approve", "web_ui");
    const re = asked(made)[0]?.op_id;
    made.server.last.cut();
    await answered;
    expect(bodies).toEqual([
      {
        decision_id: "d1",
        plan_hash: "hash-1",
        op_id: re,
        approved: true,
        interface: "web_ui",
      },
    ]);
    expect(made.state().cards["d1"]?.state).toBe("approved");
  });

  test("keep the name of an answer that could not be delivered for the next try", async () => {
    const ids: unknown[] = [];
    const made = await signedIn({
      "POST unified-chat/decision/approve": (body) => {
        ids.push((body as Record<string, unknown>)["op_id"]);
        return problem(503, "unavailable");
      },
    });
    say(made, told(1, card()));
    made.server.last.cut();
    await made.state().decide("d1", "approve", "web_ui");
    expect(made.state().answers["d1"]?.state).toBe("failed");
    await made.state().decide("d1", "approve", "web_ui");
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });

  test("take the outcome from a refusal that tells it", async () => {
    const members = { status: 409, code: "already_resolved", title: "x", detail: "x" };
    const made = await signedIn({
      "POST unified-chat/decision/approve": () =>
        Response.json({ ...members, decision: APPROVED }, { status: 409 }),
    });
    say(made, told(1, card()));
    made.server.last.cut();
    await made.state().decide("d1", "reject", "web_ui");
    expect(made.state().answers["d1"]).toMatchObject({ status: "already_resolved", problem: null });
    expect(made.state().cards["d1"]?.state).toBe("approved");
  });

  test("a new version is a new question", async () => {
    const made = await signedIn();
    say(made, told(1, card()));
    const answered = made.state().decide("d1", "approve", "web_ui");
    const next = card({ rev: 3, version: 2, plan_hash: "hash-2" });
    say(made, { t: "ack", re: asked(made)[0]?.op_id ?? "", status: "superseded", canonical: next });
    await answered;
    void made.state().decide("d1", "approve", "web_ui");
    expect(asked(made).map((frame) => frame.plan_hash)).toEqual(["hash-1", "hash-2"]);
    expect(new Set(asked(made).map((frame) => frame.op_id)).size).toBe(2);
  });

  test("that were closed while nobody listened are fetched", async () => {
    const made = await signedIn({ "GET unified-chat/decision/d1": () => APPROVED });
    say(made, told(1, card()));
    expect(made.state().awaiting).toHaveLength(1);
    say(made, ...subscribed(USER, 80));
    await rest();
    expect(made.state().cards["d1"]?.state).toBe("approved");
  });

  test("that no log tells of are asked for, and given up when they are gone", async () => {
    const made = await signedIn({ "GET unified-chat/decision/d1": () => card() });
    made.state().needCard("d1");
    made.state().needCard("d9");
    await rest();
    expect(made.state().cards["d1"]).toBeDefined();
    expect(made.state().lostCards).toEqual({ d9: true });
  });

  test("quote again makes a new decision that follows the old one", async () => {
    const wishes: unknown[] = [];
    const fresh = card({ decision_id: "d2", follows: "d1" });
    const made = await signedIn({
      "POST unified-chat/decision/quote-again": (body) => {
        wishes.push(body);
        return fresh;
      },
    });
    say(made, told(1, card({ state: "expired" })));
    await made.state().quoteAgain("d1", "widget");
    expect(wishes).toMatchObject([{ decision_id: "d1", interface: "widget", remedy: false }]);
    expect(made.state().pendingDecision).toEqual(fresh);
  });

  test("what quotes a card again stands below it, also if no log has told of it yet", () => {
    const old = card({ state: "expired" });
    const fresh = card({ decision_id: "d2", follows: "d1" });
    expect(followersOf({ d1: old, d2: fresh }, "d1")).toEqual(["d2"]);
    expect(followersOf({ d1: { ...old, superseded_by: "d2" } }, "d1")).toEqual(["d2"]);
    expect(followersOf({ d1: { ...old, superseded_by: "d2" }, d2: fresh }, "d1")).toEqual(["d2"]);
    expect(followersOf({ d1: old, d2: fresh }, "d2")).toEqual([]);
  });

  test("a change asks for another plan, under an id of its own", async () => {
    const made = await signedIn();
    say(made, told(1, card()));
    const wish = { legs: [{ symbol: "BTC", side: "buy" as const, quantity: "0.02" }] };
    void made.state().modify("d1", wish, "widget");
    expect(asked(made)).toMatchObject([
      { choice: "modify", plan_hash: "hash-1", modifications: wish, iface: "widget" },
    ]);
    const [frame] = asked(made);
    const next = card({ rev: 3, version: 2, plan_hash: "hash-2" });
    say(made, { t: "ack", re: String(frame?.op_id), status: "modified", canonical: next });
    await rest();
    expect(made.state().cards["d1"]?.version).toBe(2);
    expect(made.state().awaiting).toHaveLength(1);
  });
});

describe("a mandate", () => {
  test("is granted once the password was given again", async () => {
    let proved = false;
    const mandate = { mandate_id: "m1", granted_at: "2026-11-23T02:00:00Z", state: "active" };
    const made = await signedIn({
      "POST mandates": () => (proved ? mandate : problem(403, "step_up_required")),
      "POST auth/step-up": (body) => {
        proved = (body as { password: string }).password === "right";
        return proved ? { success: true } : problem(401, "invalid_credentials");
      },
    });
    await made.state().grantMandate({ per_day: "100", expires_at: "2026-11-24T02:00:00Z" });
    expect(made.state().unproved?.act).toBe("Grant the mandate");
    expect(await made.state().prove("wrong")).toBe(false);
    expect(made.state().unproved).not.toBeNull();
    expect(await made.state().prove("right")).toBe(true);
    expect(made.state().mandates).toHaveLength(1);
    expect(made.state().unproved).toBeNull();
  });
});

describe("an exchange account", () => {
  test("is connected once the password was given again, and the secret is kept nowhere", async () => {
    let proven = false;
    let connected = false;
    const key = { venue: "binance", masked: "…aaaa", may_trade: false };
    const made = await signedIn({
      "GET venues": () => ({ venues: [{ venue: "binance", ...(connected ? { key } : {}) }] }),
      "POST venues/keys": () => {
        if (!proven) return problem(403, "step_up_required");
        connected = true;
        return key;
      },
      "POST auth/step-up": () => {
        proven = true;
        return { success: true };
      },
    });
    await made.state().connectKey({ venue: "binance", api_key: "key", secret: "hush" });
    expect(made.state().unproved?.act).toBe("Connect the account");
    expect(JSON.stringify(made.state())).not.toContain("hush");
    expect(await made.state().prove("right")).toBe(true);
    expect(made.state().venues).toEqual([{ venue: "binance", key }]);
    expect(made.state().unproved).toBeNull();
  });
});

describe("the account that is shown", () => {
  test("is another one once it is chosen, whatever comes late or is told of the one on paper", async () => {
    const there = { ...PORTFOLIO, venue: "binance", simulated: false, cash: "5000" };
    const made = await signedIn({
      "GET portfolio": () => PORTFOLIO,
      "GET portfolio?venue=binance": () => there,
      "GET orders?limit=20&venue=binance": () => ({ orders: [], next: null }),
    });
    made.state().showAccount("binance");
    expect(made.state().portfolio).toBeNull();
    await rest();
    expect(made.state().portfolio?.cash).toBe("5000");
    say(made, personal(1, "portfolio.changed", { ...PORTFOLIO, cash: "1" }));
    expect(made.state().portfolio?.venue).toBe("binance");
    made.state().showAccount("");
    await rest();
    expect(made.state().portfolio?.venue).toBe("paper");
  });
});

describe("the person's log", () => {
  test("changes the portfolio without a reload; what was asked for before changes nothing", async () => {
    const made = await signedIn({ "GET portfolio": () => PORTFOLIO });
    expect(made.state().portfolio?.total).toBe("10000");
    const newer = { ...PORTFOLIO, total: "10100", as_of: "2026-11-23T02:00:05Z" };
    say(made, personal(1, "portfolio.changed", newer));
    expect(made.state().portfolio?.total).toBe("10100");
    // Its prices may be older than those of the one before: another replica told of it.
    made.state().reloadTrading();
    say(made, personal(2, "portfolio.changed", { ...PORTFOLIO, total: "10050" }));
    await rest();
    expect(made.state().portfolio?.total).toBe("10050");
    made.state().reloadTrading();
    await rest();
    expect(made.state().portfolio?.total).toBe("10000");
  });

  test("is not waited for when there is no live connection", async () => {
    const made = make({ "GET portfolio": () => PORTFOLIO });
    await made.state().tryIt();
    made.clock.pass(2_000);
    await rest();
    expect(made.state().portfolio?.total).toBe("10000");
  });

  test("tells of the kill switch, mandates and links", async () => {
    const made = await signedIn({ "GET kill-switch": () => KILL_SWITCH });
    say(made, personal(1, "kill_switch", { ...KILL_SWITCH, on: true, rev: 2 }));
    expect(made.state().killSwitch?.on).toBe(true);
    say(made, personal(2, "kill_switch", KILL_SWITCH));
    expect(made.state().killSwitch?.on).toBe(true);
    const mandate = { mandate_id: "m1", state: "active", granted_at: "2026-11-23T02:00:00Z" };
    say(made, personal(3, "mandate", mandate));
    say(made, personal(4, "mandate", { ...mandate, state: "revoked" }));
    expect(made.state().mandates).toEqual([{ ...mandate, state: "revoked" }]);
    const link = { id: "l1", state: "awaiting_confirmation", match_number: "42", created_at: "x" };
    say(made, personal(5, "link.changed", link));
    expect(made.state().links).toEqual([link]);
  });

  test("of before this window was open is history", async () => {
    const made = await signedIn({ "GET portfolio": () => PORTFOLIO });
    const [snapshot, live] = subscribed(USER, 3);
    if (snapshot?.t !== "sub_ok" || !snapshot.state || live === undefined) throw new Error("?");
    const { t: _, type, ...entry } = personal(3, "kill_switch", { ...KILL_SWITCH, on: true });
    const old = { ...entry, type: "log_entry.v1" as const, epoch: "e2", kind: type };
    const state = { ...snapshot.state, epoch: "e2", entries: [old] };
    say(made, { ...snapshot, epoch: "e2", state }, live);
    await rest();
    expect(made.state().killSwitch).toBeNull();
  });
});

describe("the surfaces of the page", () => {
  test("each has its own way of being answered", async () => {
    const made = await signedIn();
    expect(made.state().currentMode).toBe("trading");
    made.state().setSurface("widget");
    expect(made.state().currentMode).toBe("quick");
    made.state().send("hello");
    expect(made.server.last.sent("send")[0]).toMatchObject({ mode: "quick", iface: "widget" });
    await made.state().setMode("analysis");
    made.state().setSurface("web_chat");
    expect(made.state().currentMode).toBe("trading");
    made.state().setSurface("widget");
    expect(made.state().currentMode).toBe("analysis");
    expect(made.calls.some((call) => call.startsWith("PATCH"))).toBe(false);
  });

  test("know what was said elsewhere, and whether they are up to date", async () => {
    const made = await signedIn();
    say(made, message(1, { origin: { interface: "telegram" } }));
    expect(made.state().crossPlatformSync).toMatchObject({
      state: "live",
      seq: 1,
      lastElsewhere: { interface: "telegram" },
    });
    made.server.last.cut();
    made.paint();
    expect(made.state().crossPlatformSync.state).toBe("away");
  });

  test("stop an answer over the connection, else by HTTP", async () => {
    const made = await signedIn({ [`POST unified-chat/run/${LOG}/stop`]: () => ({}) });
    const delta = { t: "delta" as const, log: LOG, message_id: "msg_a", run_id: "r", reset: false };
    say(made, { ...delta, i: 0, n: 1, text: "BTC " });
    await made.state().stop();
    expect(made.server.last.sent("stop")).toEqual([{ t: "stop", log: LOG, run_id: "r" }]);
    made.server.last.cut();
    await made.state().stop();
    expect(made.calls).toContain(`POST unified-chat/run/${LOG}/stop`);
  });
});
