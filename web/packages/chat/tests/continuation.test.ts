import { describe, expect, test } from "vitest";
import { USER } from "../../client/tests/fakes";
import { make, OTHER, problem, rest, SIGNED_IN, signedIn } from "./harness";

const CONTINUED = { ...SIGNED_IN, session_id: OTHER };

describe("continue on the web", () => {
  test("signs in and opens the conversation of the link", async () => {
    const made = make({ "POST links/continue": () => CONTINUED });
    await made.state().start("code");
    expect(made.state()).toMatchObject({
      phase: "signed_in",
      sessionId: OTHER,
      continuation: { state: "idle" },
    });
  });

  test("a used code says so, with the way back", async () => {
    const gone = { status: 410, code: "code_expired", title: "x", detail: "x" };
    const url = "https://t.me/uchat_bot";
    const made = make({
      "POST links/continue": () => Response.json({ ...gone, url }, { status: 410 }),
    });
    await made.state().start("code");
    expect(made.state().phase).toBe("signed_out");
    expect(made.state().continuation).toEqual({ state: "failed", problem: null, botUrl: url });
  });

  test("a server that is away is no used code: it can be tried again", async () => {
    let away = true;
    const made = make({
      "POST links/continue": () => (away ? problem(503, "unavailable") : CONTINUED),
    });
    await made.state().start("code");
    expect(made.state().continuation).toMatchObject({ state: "failed", botUrl: null });
    away = false;
    await made.state().continueAgain();
    expect(made.state()).toMatchObject({ phase: "signed_in", continuation: { state: "idle" } });
  });

  test("another account than the present one is taken only when the person says so", async () => {
    const other = USER.replace("Z", "B");
    const made = await signedIn({
      "POST links/continue": () => ({ ...CONTINUED, user_id: other }),
    });
    await made.state().start("code");
    expect(made.state()).toMatchObject({
      account: { userId: USER },
      continuation: { state: "other_account" },
    });
    made.state().settleContinuation(false);
    expect(made.state().account?.userId).toBe(USER);
    await made.state().start("code");
    made.state().settleContinuation(true);
    await rest();
    expect(made.state()).toMatchObject({
      account: { userId: other },
      sessionId: OTHER,
      continuation: { state: "idle" },
    });
  });
});
