import type { Forgotten, MemoryInfo, MemoryList } from "@uchat/contracts";
import type { SignedCalls } from "./signed-calls";

const MEMORIES = "/api/v1/memories";
const IFACE = "interface=web_ui";

/** What the brain remembers of who is signed in. */
export class MemoriesApi {
  readonly #calls: SignedCalls;

  constructor(calls: SignedCalls) {
    this.#calls = calls;
  }

  /** A page, from a cursor on; the empty one is the first page. */
  list(cursor: string): Promise<MemoryList> {
    const from = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    return this.#calls.call(MEMORIES + from);
  }

  forget(id: string): Promise<MemoryInfo> {
    return this.#calls.call(`${MEMORIES}/${id}?${IFACE}`, { method: "DELETE" });
  }

  forgetAll(): Promise<Forgotten> {
    return this.#calls.call(`${MEMORIES}?${IFACE}`, { method: "DELETE" });
  }
}
