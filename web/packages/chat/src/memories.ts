/** What the assistant knows of the person from their own words: seen, and taken back. */
import type { MemoryInfo } from "@uchat/contracts";
import type { ChatController } from "./controller";
import type { Screen } from "./screen";
import type { Loading } from "./trading-state";

export interface MemoryData {
  /** Those of the latest conversation first, as far as they were loaded. */
  memories: readonly MemoryInfo[];
  memoriesState: Loading;
  /** Where the list goes on; null: it is all there. */
  memoriesNext: string | null;
}

export interface MemoryActions {
  loadMemories(): Promise<void>;
  loadMoreMemories(): Promise<void>;
  /** Have one forgotten, or (null) all of them, on every interface. */
  forgetMemory(id: string | null): Promise<void>;
}

type Attempt = (task: () => Promise<unknown>) => Promise<boolean>;

export const noMemories: MemoryData = {
  memories: [],
  memoriesState: "loading",
  memoriesNext: null,
};

export function memoryActions(
  controller: ChatController,
  screen: Screen,
  attempt: Attempt,
): MemoryActions {
  const { memories: api } = controller.services.trading;
  const load = async (cursor: string) => {
    const page = await api.list(cursor);
    const held = cursor === "" ? [] : screen.get().memories;
    const known = new Set(held.map((memory) => memory.memory_id));
    screen.set({
      memories: [...held, ...page.memories.filter(({ memory_id: id }) => !known.has(id))],
      memoriesNext: page.next ?? null,
      memoriesState: "ready",
    });
  };
  return {
    async loadMemories() {
      const done = await attempt(() => load(""));
      if (!done && screen.get().memoriesState === "loading") {
        screen.set({ memoriesState: "failed" });
      }
    },
    async loadMoreMemories() {
      const { memoriesNext } = screen.get();
      if (memoriesNext !== null) await attempt(() => load(memoriesNext));
    },
    async forgetMemory(id) {
      // Several may go with one: what was told twice in the same words.
      await attempt(() => (id === null ? api.forgetAll() : api.forget(id)));
      await attempt(() => load(""));
    },
  };
}
