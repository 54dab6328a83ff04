import type { ChatData } from "./state";

/** The store's data, as those see it who keep it up to date. */
export interface Screen {
  get(): ChatData;
  set(change: Partial<ChatData>): void;
}
