/** The live connection, the outbox and the HTTP API: everything between a store and a server. */
export { AuthApi, ChatApi } from "./api";
export { byProposal, cardOf, isOpen } from "./cards";
export { systemClock, type Cancel, type Clock } from "./clock";
export { UchatConnection, type ConnectionEvents } from "./connection";
export type { Answer } from "./decider";
export { ApiError, SignedOutError } from "./errors";
export { ExchangesApi, type NewKey } from "./exchanges-api";
export type { FollowedLog } from "./followed-log";
export type { Fetch } from "./http";
export { newUlid, timeOfId } from "./ids";
export type { LinkStatus, TokenSource } from "./link";
export { isConversation, type LogView } from "./log-view";
export { Outbox, type OutboxItem } from "./outbox";
export type { Run, Runs } from "./runs";
export { openBrowserSocket, type OpenSocket, type Socket, type SocketEvents } from "./socket";
export { browserStorage, memoryStorage, type KeyValue } from "./storage";
export {
  TradingApi,
  type CostMethod,
  type ExportName,
  type NewMandate,
  type OperationMode,
  type Period,
} from "./trading-api";
export { browserExclusive, Tokens, type Exclusive, type StoredAccount } from "./tokens";
