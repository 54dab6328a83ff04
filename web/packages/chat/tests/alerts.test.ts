import type { Alert } from "@uchat/contracts";
import { describe, expect, test } from "vitest";
import { USER } from "../../client/tests/fakes";
import { isActive, withAlert } from "../src/alerts";
import { personal, problem, rest, say, signedIn } from "./harness";

const ALERT: Alert = {
  alert_id: "alt_1",
  user_id: USER,
  rev: 1,
  kind: "price",
  symbol: "BTC",
  way: "below",
  level: "90000",
  repeat: false,
  state: "armed",
  text: "BTC falls to 90,000 USDT or below",
  quote_currency: "USDT",
  beyond: false,
  created_at: "2026-11-22T10:00:00Z",
  created_via: "web_ui",
};
const FIRED: Alert = {
  ...ALERT,
  rev: 2,
  state: "done",
  fired: {
    n: 1,
    text: "BTC is at 89,950 USDT. Simulated, source: paper.",
    value: "89950",
    unit: "USDT",
    source: "paper",
    simulated: true,
    as_of: "2026-11-22T11:00:00Z",
    at: "2026-11-22T11:00:00Z",
  },
};

const data = (alert: Alert) => alert as unknown as Record<string, unknown>;

describe("alerts", () => {
  test("an older state never replaces a newer one, and a deleted one is gone", () => {
    const held = withAlert([], FIRED);
    expect(withAlert(held, ALERT)).toBe(held);
    expect(withAlert(held, { ...FIRED, rev: 3, state: "deleted" })).toEqual([]);
    expect([ALERT, FIRED].map(isActive)).toEqual([true, false]);
  });

  test("one that arrives is shown at once, with its figure, until it is put away", async () => {
    const made = await signedIn({ "GET alerts?limit=100": () => ({ alerts: [ALERT], next: null }) });
    expect(made.state().alerts).toEqual([ALERT]);
    say(made, personal(1, "alert", data(FIRED)));
    expect(made.state().alerts).toEqual([FIRED]);
    expect(made.state().notices.map((notice) => notice.text)).toEqual([FIRED.fired?.text]);
    say(made, personal(2, "alert.changed", data({ ...FIRED, rev: 3, state: "armed" })));
    expect(made.state().notices).toHaveLength(1);
    const key = { account: "acct_1", rev: 1, text: "It can move funds out.", at: FIRED.created_at };
    say(made, personal(3, "venue_key", key));
    expect(made.state().notices[0]?.text).toBe(key.text);
    made.state().dismissNotice("acct_1:1");
    made.state().dismissNotice("alt_1:1");
    expect(made.state().notices).toEqual([]);
  });

  test("a key that is not trusted any more offers to cancel what is still open there", async () => {
    const asked: unknown[] = [];
    const made = await signedIn({
      "POST orders/cancel": (body) => {
        asked.push(body);
        return { orders: [] };
      },
    });
    const key = { account: "acct_1", rev: 2, venue: "binance", text: "…", at: FIRED.created_at };
    say(made, personal(1, "venue_key", key));
    expect(made.state().notices[0]?.ordersAt).toBeUndefined();
    say(made, personal(2, "venue_key", { ...key, rev: 3, still_open: [{ order_id: "o" }] }));
    expect(made.state().notices[0]?.ordersAt).toBe("binance");
    expect(await made.state().cancelOrdersAt("binance")).toBe(true);
    expect(asked).toEqual([{ venue: "binance", interface: "web_ui" }]);
  });

  test("one is set, silenced by the server's clock and deleted", async () => {
    const bodies: unknown[] = [];
    const answer = (alert: Alert) => (body: unknown) => {
      bodies.push(body);
      return alert;
    };
    const made = await signedIn({
      "GET alerts?limit=100": () => ({ alerts: [], next: null }),
      "POST alerts": answer(ALERT),
      "PATCH alerts/alt_1": answer({ ...ALERT, rev: 2, state: "snoozed" }),
      "DELETE alerts/alt_1": () => ({ ...ALERT, rev: 3, state: "deleted" }),
    });
    const wish = { kind: "price", symbol: "BTC", level: "90000" } as const;
    expect(await made.state().setAlert(wish)).toBe(true);
    expect(bodies).toEqual([{ ...wish, interface: "web_ui" }]);
    await made.state().snoozeAlert("alt_1", 1);
    const until = made.clock.now() + made.state().clockOffset + 3_600_000;
    expect(bodies[1]).toEqual({ snoozed_until: new Date(until).toISOString() });
    expect(made.state().alerts.map((alert) => alert.state)).toEqual(["snoozed"]);
    await made.state().deleteAlert("alt_1");
    expect(made.state().alerts).toEqual([]);
  });

  test("one too many is refused in words", async () => {
    const made = await signedIn({ "POST alerts": () => problem(409, "too_many_alerts") });
    expect(await made.state().setAlert({ kind: "fill" })).toBe(false);
    expect(made.state().problem).not.toBeNull();
    await rest();
  });
});
