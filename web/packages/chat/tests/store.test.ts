import { describe, expect, test } from "vitest";
import { LOG, message, USER } from "../../client/tests/fakes";
import {
  make,
  NEW,
  OTHER,
  personal,
  problem,
  rest,
  say,
  signedIn,
  subscribed,
} from "./harness";

describe("useChatStore", () => {
  test("tries it: signs in as a guest and opens the home conversation", async () => {
    const made = await signedIn();
    expect(made.state()).toMatchObject({
      phase: "signed_in",
      sessionId: LOG,
      loaded: true,
      connection: { state: "online" },
      account: { userId: USER, guest: true },
    });
    expect(made.state().sessions.map((session) => session.id)).toEqual([LOG, OTHER]);
  });

  test("shows a message at once, then as the log has it, in the same place", async () => {
    const made = await signedIn();
    made.state().send("  hello ");
    const [shown] = made.state().messages;
    expect(shown).toMatchObject({ state: "sending", parts: [{ text: "hello" }] });
    say(made, message(1, { client_msg_id: shown?.clientMsgId }));
    expect(made.state().messages).toHaveLength(1);
    expect(made.state().messages[0]).toMatchObject({ key: shown?.key, state: "sent" });
  });

  test("keeps what is being written over a reload, for its conversation and its person", async () => {
    const made = await signedIn();
    made.state().keepDraft(LOG, "sell everything in");
    const reloaded = make({}, made.storage);
    await reloaded.state().start();
    expect(reloaded.state().draftOf(LOG)).toBe("sell everything in");
    expect(reloaded.state().draftOf(OTHER)).toBe("");
    reloaded.state().keepDraft(LOG, "");
    expect(made.storage.keys("uchat.draft.")).toEqual([]);
    made.state().keepDraft(OTHER, "secret");
    await made.state().signOut();
    expect(made.storage.keys("uchat.draft.")).toEqual([]);
  });

  test("calls a conversation without a name after its first message, but not the home", async () => {
    const named: unknown[] = [];
    const change = (body: unknown) => {
      named.push(body);
      return problem(503, "unavailable");
    };
    const made = await signedIn({
      [`PATCH unified-chat/session/${LOG}`]: change,
      [`PATCH unified-chat/session/${NEW}`]: change,
      "POST unified-chat/session/new": () => ({ session_id: NEW, epoch: "e1", seq: 1, title: "" }),
    });
    made.state().send("hello home");
    await made.state().newSession();
    say(made, ...subscribed(NEW));
    made.state().send("How much  SOL can I\nhave for the five hundred dollars that I saved?");
    made.state().send("and ETH?");
    await rest();
    expect(named).toEqual([{ title: "How much SOL can I have for the five hundred…" }]);
    expect(made.state().problem).toBeNull();
  });

  test("streams an answer and replaces it by its message", async () => {
    const made = await signedIn();
    const delta = { t: "delta" as const, log: LOG, message_id: "msg_a", run_id: "r", reset: false };
    say(made, { ...delta, i: 0, n: 1, text: "BTC " }, { ...delta, i: 1, n: 1, text: "is" });
    expect(made.state().streaming.map((run) => run.text)).toEqual(["BTC is"]);
    say(made, message(1, { message_id: "msg_a", role: "assistant" }));
    expect(made.state().streaming).toEqual([]);
    expect(made.state().messages[0]?.role).toBe("assistant");
  });

  test("keeps rows that did not change", async () => {
    const made = await signedIn();
    say(made, message(1));
    const [first] = made.state().messages;
    say(made, message(2));
    expect(made.state().messages[0]).toBe(first);
  });

  test("a refused message can be tried again or discarded", async () => {
    const made = await signedIn();
    made.state().send("hello");
    const id = made.state().messages[0]?.clientMsgId ?? "";
    say(made, { t: "ack", re: id, status: "rejected", code: "not_permitted" });
    expect(made.state().messages[0]).toMatchObject({ state: "failed", code: "not_permitted" });
    made.state().discard(id);
    made.paint();
    expect(made.state().messages).toEqual([]);
  });

  test("goes on after a reload where it was, without asking who it is", async () => {
    const first = await signedIn();
    first.state().openSession(OTHER);
    const second = make({}, first.storage);
    second.store.getState().start();
    await rest();
    expect(second.state()).toMatchObject({ phase: "signed_in", sessionId: OTHER });
    second.server.last.welcome();
    expect(second.server.last.sent("hello")[0]?.subs).toEqual([{ log: OTHER }]);
  });

  test("the person's own log keeps the list of conversations", async () => {
    const made = await signedIn();
    const data = { session_id: OTHER, title: "Renamed", home: false, archived: false, pinned: true };
    say(made, personal(1, "session.updated", data));
    expect(made.state().sessions[0]).toMatchObject({ id: OTHER, title: "Renamed", pinned: true });
    say(made, personal(2, "session.deleted", { session_id: OTHER }));
    expect(made.state().sessions.map((session) => session.id)).toEqual([LOG]);
  });

  test("leaves a conversation that was erased elsewhere", async () => {
    const made = await signedIn();
    made.state().openSession(OTHER);
    say(made, personal(1, "session.deleted", { session_id: OTHER }));
    await rest();
    expect(made.state().sessionId).toBe(LOG);
  });

  test("a mode sticks, unless the server refuses it", async () => {
    const made = await signedIn();
    await made.state().setMode("quick");
    expect(made.state()).toMatchObject({ currentMode: "quick", problem: null });
    const refused = await signedIn({
      [`PATCH unified-chat/session/${LOG}`]: () => problem(403, "not_permitted"),
    });
    await refused.state().setMode("quick");
    expect(refused.state().currentMode).toBe("trading");
    expect(refused.state().problem).toContain("may read here");
  });

  test("says in a sentence why a sign-in failed", async () => {
    const made = make({ "POST auth/login": () => problem(401, "invalid_credentials") });
    await made.state().signIn("a@b.c", "wrong");
    expect(made.state()).toMatchObject({ phase: "signed_out", busy: false });
    expect(made.state().problem).toBe("That e-mail and password do not belong together.");
  });

  test("is signed out when the server revokes the sign-in", async () => {
    const made = await signedIn();
    made.server.last.cut(4503);
    expect(made.state()).toMatchObject({ phase: "signed_out", sessionId: null, messages: [] });
    expect(made.storage.get("uchat.account")).toBeNull();
  });

  test("fetches earlier messages", async () => {
    const page = {
      session_id: LOG,
      epoch: "e1",
      seq: 2,
      entries: [{ ...message(1) }],
    };
    const made = await signedIn({ [`GET unified-chat/history/${LOG}?before=2&limit=50`]: () => page });
    const [snapshot] = subscribed(LOG, 2);
    if (snapshot?.t !== "sub_ok" || !snapshot.state) throw new Error("not a snapshot");
    const { t: _, type, ...entry } = message(2);
    snapshot.state.entries = [{ ...entry, type: "log_entry.v1", epoch: "e1", kind: type }];
    say(made, snapshot);
    expect(made.state().hasOlder).toBe(true);
    await made.state().loadOlder();
    expect(made.state().messages).toHaveLength(2);
    expect(made.state().hasOlder).toBe(false);
  });
});
