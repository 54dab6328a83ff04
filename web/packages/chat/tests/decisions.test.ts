import type { Card, ServerFrame } from "@uchat/contracts";
import { describe, expect, test } from "vitest";
import { LOG, USER } from "../../client/tests/fakes";
import { awaiting, followersOf, leftMs, pendingDecision, withCards } from "../src/cards";
import { card } from "../../client/tests/cards";
import { OTHER, personal, problem, rest, say, signedIn, subscribed, type Made } from "./harness";

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
