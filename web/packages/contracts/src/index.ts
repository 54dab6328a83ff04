/** The words that server and clients share. All of it is generated. */
export * from "./generated";
export * from "./api.generated";
