import type { KeyValue } from "@uchat/client";

/** What is being written and not sent yet, by conversation: it survives a reload. */
export class Drafts {
  readonly #storage: KeyValue;
  readonly #user: () => string | null;

  /** Each person's own: `user` tells who is signed in. */
  constructor(storage: KeyValue, user: () => string | null) {
    this.#storage = storage;
    this.#user = user;
  }

  of(sessionId: string): string {
    return this.#storage.get(this.#prefix() + sessionId) ?? "";
  }

  keep(sessionId: string, text: string): void {
    if (this.#user() === null) return;
    const key = this.#prefix() + sessionId;
    if (text === "") this.#storage.remove(key);
    else this.#storage.set(key, text);
  }

  /** Whoever signs out leaves nothing behind that they did not send. */
  forget(): void {
    for (const key of this.#storage.keys(this.#prefix())) this.#storage.remove(key);
  }

  #prefix(): string {
    return `uchat.draft.${this.#user() ?? ""}.`;
  }
}

export function draftActions(drafts: Drafts) {
  return {
    draftOf: (sessionId: string) => drafts.of(sessionId),
    keepDraft: (sessionId: string, text: string) => drafts.keep(sessionId, text),
  };
}
