import type { Continued } from "@uchat/contracts";
import { ApiError } from "@uchat/client";
import type { ChatController } from "./controller";
import { sentenceOf } from "./problems";
import type { Screen } from "./screen";

/** "Continue on the web": a one-time code from another interface signs this browser in. */
export function continuationActions(controller: ChatController, screen: Screen) {
  const { auth, tokens } = controller.services;
  /** Signed in by the link, while the person is asked whether to leave the present account. */
  let offered: Continued | null = null;
  let tried: string | null = null;

  function take(answer: Continued): void {
    screen.set({ continuation: { state: "idle" } });
    controller.signedIn(answer, answer.session_id);
  }

  async function exchange(code: string): Promise<void> {
    tried = code;
    screen.set({ continuation: { state: "working" } });
    try {
      const answer = await auth.continueFrom(code);
      const { account } = tokens;
      if (account === null || account.userId === answer.user_id) {
        take(answer);
        return;
      }
      offered = answer;
      screen.set({ continuation: { state: "other_account" } });
    } catch (error) {
      screen.set({ continuation: failureOf(error) });
    }
    controller.resume();
  }

  return {
    async start(code: string | null = null): Promise<void> {
      if (code === null) controller.resume();
      else await exchange(code);
    },
    settleContinuation(taken: boolean): void {
      const answer = offered;
      offered = null;
      if (taken && answer !== null) take(answer);
      else screen.set({ continuation: { state: "idle" } });
    },
    async continueAgain(): Promise<void> {
      if (tried !== null) await exchange(tried);
    },
  };
}

function failureOf(error: unknown) {
  const retryable = error instanceof ApiError && error.retryable;
  const url = error instanceof ApiError ? error.members["url"] : null;
  // Telegram's own address, or that of the simulator beside this product.
  const botUrl = typeof url === "string" && /^https?:\/\//.test(url) ? url : null;
  return {
    state: "failed" as const,
    problem: retryable ? sentenceOf(error) : null,
    botUrl,
  };
}
