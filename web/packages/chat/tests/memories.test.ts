import type { MemoryInfo } from "@uchat/contracts";
import { describe, expect, test } from "vitest";
import { LOG } from "../../client/tests/fakes";
import { problem, signedIn } from "./harness";

const told = (seq: number, value: string): MemoryInfo => ({
  memory_id: `${LOG}.${seq}.0`,
  session_id: LOG,
  message_id: "msg_01JD0000000000000000000001",
  kind: "goal",
  value,
  amount: null,
  unit: null,
  text: `my goal is ${value}`,
  interface: "telegram",
  at: "2026-11-22T10:00:00Z",
});
const HOUSE = told(4, "a house");
const BOAT = told(2, "a boat");

describe("what is remembered", () => {
  test("comes page by page, none twice, and one that is deleted is gone", async () => {
    let held = [HOUSE];
    const made = await signedIn({
      "GET memories": () => ({ memories: held, next: "~c" }),
      "GET memories?cursor=~c": () => ({ memories: [HOUSE, BOAT], next: null }),
      [`DELETE memories/${HOUSE.memory_id}?interface=web_ui`]: () => {
        held = [];
        return HOUSE;
      },
    });
    await made.state().loadMemories();
    expect(made.state().memories).toEqual([HOUSE]);
    await made.state().loadMoreMemories();
    expect(made.state().memories).toEqual([HOUSE, BOAT]);
    expect(made.state().memoriesNext).toBeNull();
    await made.state().forgetMemory(HOUSE.memory_id);
    expect(made.state().memories).toEqual([]);
  });

  test("all of it can be forgotten at once", async () => {
    let held = [HOUSE, BOAT];
    const made = await signedIn({
      "GET memories": () => ({ memories: held, next: null }),
      "DELETE memories?interface=web_ui": () => {
        held = [];
        return { session_ids: [LOG] };
      },
    });
    await made.state().loadMemories();
    await made.state().forgetMemory(null);
    expect(made.state().memories).toEqual([]);
  });

  test("that cannot be loaded is not said to be nothing", async () => {
    const made = await signedIn({ "GET memories": () => problem(503, "unavailable") });
    await made.state().loadMemories();
    expect(made.state().memoriesState).toBe("failed");
  });
});
