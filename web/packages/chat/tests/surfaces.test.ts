import { describe, expect, test } from "vitest";
import { LOG, message } from "../../client/tests/fakes";
import { say, signedIn } from "./harness";

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
