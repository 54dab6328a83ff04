import type { Ack, Decide, ErrorFrame } from "@uchat/contracts";
import type { Cancel, Clock } from "./clock";

/** Without an answer by then the same is asked over HTTP, under the same op_id. */
const ANSWER_MS = 4_000;

export type Answer = Omit<Decide, "t">;

export interface DeciderDeps {
  clock: Clock;
  /** Put a frame on the wire; false when there is none. */
  transmit(frame: Decide): boolean;
}

/** Brings answers to decisions to the server over the live connection. */
export class Decider {
  readonly #deps: DeciderDeps;
  readonly #waiting = new Map<string, { settle: (ack: Ack | null) => void; cancel: Cancel }>();

  constructor(deps: DeciderDeps) {
    this.#deps = deps;
  }

  /** What the server says to it; null when nothing was heard, which leaves open what happened. */
  decide(answer: Answer): Promise<Ack | null> {
    if (!this.#deps.transmit({ t: "decide", ...answer })) return Promise.resolve(null);
    return new Promise((resolve) => {
      const settle = (ack: Ack | null) => {
        this.#waiting.get(answer.op_id)?.cancel();
        this.#waiting.delete(answer.op_id);
        resolve(ack);
      };
      const cancel = this.#deps.clock.after(ANSWER_MS, () => settle(null));
      this.#waiting.set(answer.op_id, { settle, cancel });
    });
  }

  ack(frame: Ack): void {
    this.#waiting.get(frame.re)?.settle(frame);
  }

  error(frame: ErrorFrame): void {
    if (frame.re) this.#waiting.get(frame.re)?.settle(null);
  }

  disconnected(): void {
    for (const { settle } of this.#waiting.values()) settle(null);
  }
}
