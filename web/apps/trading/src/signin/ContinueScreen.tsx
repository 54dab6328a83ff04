import { useChatStore } from "@uchat/chat";
import { Mark } from "../ui/Icon";
import { ContinueFailure } from "./ContinueFailure";

/** What is shown while the code of "Continue on the web" is exchanged, or if it is void. */
export function ContinueScreen() {
  const continuation = useChatStore((state) => state.continuation);
  const settle = useChatStore((state) => state.settleContinuation);
  return (
    <main className="signin">
      <section className="signin-card" aria-label="Continue on the web">
        <Mark />
        {continuation.state === "failed" ? (
          <ContinueFailure
            failure={continuation}
            onLeave={() => settle(false)}
            leave="Sign in here instead"
          />
        ) : (
          <h1 role="status">Opening your conversation…</h1>
        )}
      </section>
    </main>
  );
}
