import { ApiError } from "@uchat/client";

const SENTENCES: Record<string, string> = {
  network: "The server cannot be reached. Check your connection and try again.",
  invalid_credentials: "That e-mail and password do not belong together.",
  has_credentials: "This account has an e-mail and a password already.",
  email_taken: "There is already an account with that e-mail. Sign in instead.",
  rate_limited: "That was a lot at once. Wait a moment, then try again.",
  client_msg_id_conflict: "Another message was sent under the same number. Send it again.",
  still_open: "It still waits for an answer: answer it first.",
  venue_not_sure: "The exchange cannot say that yet. Try again in a minute.",
  nothing_to_remedy: "There is nothing left to finish.",
  forbidden: "Your account may look here but not decide.",
  read_only_link: "This link may read and chat, but not approve.",
  kill_switch_on: "Trading is stopped. Start it again before you approve.",
  not_found: "That is gone. It may have been deleted on another device.",
  not_permitted: "Your account may read here but not write.",
  payload_too_large: "The message is too long. Send it in parts.",
  validation_failed: "The message could not be read. Change it and send it again.",
};

/** What went wrong, in a sentence for the person. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError && error.code === "validation_failed") {
    return `${trimmed(error.message)}.`;
  }
  if (error instanceof ApiError) return SENTENCES[error.code] ?? `${trimmed(error.message)}.`;
  return "Something unexpected happened. Try again.";
}

/** Why a message was not delivered. */
export function refusalOf(code: string | null): string {
  return SENTENCES[code ?? ""] ?? "The message was not delivered.";
}

function trimmed(text: string): string {
  return text.replace(/\.+$/, "");
}
