import type { FollowedLog, LogView, OutboxItem, Runs } from "@uchat/client";
import { messagesOf, pendingMessage } from "./messages";
import type { ChatData } from "./state";

type Shown = Pick<ChatData, "loaded" | "title" | "messages" | "streaming" | "hasOlder">;

/** What is shown of one conversation; parts that did not change keep their identity. */
export class ConversationScreen {
  #entries: LogView["entries"] | null = null;
  #items: readonly OutboxItem[] | null = null;
  #runs: Runs | null = null;
  #messages: ChatData["messages"] = [];
  #streaming: ChatData["streaming"] = [];

  show(log: FollowedLog, items: readonly OutboxItem[]): Shown {
    const { view, runs } = log;
    if (view.entries !== this.#entries || items !== this.#items) {
      this.#entries = view.entries;
      this.#items = items;
      const own = items.filter((item) => item.log === view.log);
      this.#messages = [...messagesOf(view.entries), ...own.map(pendingMessage)];
    }
    if (runs !== this.#runs) {
      this.#runs = runs;
      this.#streaming = [...runs.values()];
    }
    return {
      loaded: view.epoch !== "",
      title: view.title,
      messages: this.#messages,
      streaming: this.#streaming,
      hasOlder: (view.entries[0]?.seq ?? 1) > 1,
    };
  }
}
