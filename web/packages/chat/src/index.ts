/** `useChatStore`: the one store that every chat surface of the web shares. */
import { browserServices } from "./services";
import { createChatStore } from "./store";

export { isActive, type Notice } from "./alerts";
export { answerTo, followersOf, isAwaiting, isOthers, leftMs, leftOf } from "./cards";
export type { Choice, OwnAnswer } from "./cards";
export type { ChatMessage, MessageState } from "./messages";
export { refusalOf } from "./problems";
export { titleOf, type Session } from "./sessions";
export { MODES, type ChatState, type FailedContinuation, type Surface } from "./state";
export { createChatStore, type ChatStore } from "./store";
export type { CrossPlatformSync } from "./sync";
export type { Loading, SettleHelp } from "./trading-state";

export const useChatStore = createChatStore((signedOut) => browserServices("", signedOut));
