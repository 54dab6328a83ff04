import { describe, expect, test } from "vitest";
import { USER } from "../../client/tests/fakes";
import { make, personal, problem, rest, say, signedIn, subscribed } from "./harness";

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

  test("whose key is refused says so at once where it is looked at", async () => {
    let refused_at: string | null = null;
    const key = () => ({ venue: "binance", masked: "…aaaa", refused_at });
    const made = await signedIn({
      "GET venues": () => ({ venues: [{ venue: "binance", key: key() }] }),
    });
    await made.state().loadVenues();
    expect(made.state().venues?.[0]?.key?.refused_at).toBeNull();
    refused_at = "2026-11-23T02:00:05Z";
    const changed = { account: "acct_1", rev: 1, text: "…", at: refused_at, ...key() };
    say(made, personal(1, "venue_key", changed));
    await rest();
    expect(made.state().venues?.[0]?.key?.refused_at).toBe(refused_at);
  });
});

describe("the account that is shown", () => {
  test("is another one once it is chosen, whatever comes late or is told of the one on paper", async () => {
    const there = { ...PORTFOLIO, venue: "binance", simulated: false, cash: "5000" };
    const made = await signedIn({
      "GET portfolio": () => PORTFOLIO,
      "GET orders?limit=20": () => ({ orders: [{ order_id: "on-paper" }], next: null }),
      "GET trades?limit=20": () => ({ trades: [], next: null }),
      "GET movements?limit=20": () => ({ movements: [], next: null }),
      "GET portfolio?venue=binance": () => there,
    });
    // Of the one on paper, and answered when another one is shown.
    made.state().reloadTrading();
    made.state().showAccount("binance");
    expect(made.state().portfolio).toBeNull();
    await rest();
    expect(made.state().portfolio?.cash).toBe("5000");
    expect(made.state().orders).toEqual([]);
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
