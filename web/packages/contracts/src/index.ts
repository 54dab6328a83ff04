/** The words that server and clients share. Everything about events and frames is generated. */
export * from "./generated";
export * from "./rest";
