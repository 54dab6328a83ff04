import { ApiError } from "@uchat/client";
import type { ChatController } from "./controller";
import type { Screen } from "./screen";
import type { Unproved } from "./trading-state";

type Attempt = (task: () => Promise<unknown>) => Promise<boolean>;

/** Do something that may need the password again; then it waits for that. */
export async function proved(screen: Screen, wish: Unproved): Promise<void> {
  try {
    await wish.run();
    screen.set({ unproved: null });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "step_up_required") throw error;
    screen.set({ unproved: wish });
  }
}

/** Give the password again and do what waited for it; null: leave it. */
export function proving(controller: ChatController, screen: Screen, attempt: Attempt) {
  return async (password: string | null) => {
    const { unproved } = screen.get();
    if (password === null || unproved === null) {
      screen.set({ unproved: null });
      return false;
    }
    return attempt(async () => {
      await controller.services.api.stepUp(password);
      await proved(screen, unproved);
    });
  };
}
