/** `useChatStore`: the one store that every chat surface of the web shares. */
import { browserServices } from "./services";
import { createChatStore } from "./store";

export type { ChatMessage, MessageState } from "./messages";
export { refusalOf } from "./problems";
export { titleOf, type Session } from "./sessions";
export { MODES, type AccountView, type ChatState } from "./state";
export { createChatStore, type ChatStore } from "./store";

export const useChatStore = createChatStore((signedOut) => browserServices("", signedOut));
