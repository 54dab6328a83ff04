import { useChatStore } from "@uchat/chat";
import { useState } from "react";
import { Mark } from "../ui/Icon";
import { AccountForm } from "./AccountForm";

export function SignInScreen() {
  const busy = useChatStore((state) => state.busy);
  const problem = useChatStore((state) => state.problem);
  const tryIt = useChatStore((state) => state.tryIt);
  const dismiss = useChatStore((state) => state.dismissProblem);
  const [creating, setCreating] = useState(false);

  const choose = (value: boolean) => {
    dismiss();
    setCreating(value);
  };

  return (
    <main className="signin">
      <section className="signin-card" aria-labelledby="signin-title">
        <Mark />
        <h1 id="signin-title">Unified Chat</h1>
        <p className="signin-lead">
          One conversation with your trading assistant, continued wherever you are.
        </p>
        <button className="button primary wide" disabled={busy} onClick={() => void tryIt()}>
          Try it
        </button>
        <p className="signin-note">No account needed, and no real money: it trades on paper.</p>
        <div className="signin-or" aria-hidden="true">
          or
        </div>
        <div className="tabs" role="group" aria-label="Account">
          <button type="button" aria-pressed={!creating} onClick={() => choose(false)}>
            Sign in
          </button>
          <button type="button" aria-pressed={creating} onClick={() => choose(true)}>
            Create account
          </button>
        </div>
        <AccountForm key={String(creating)} creating={creating} problem={problem} />
      </section>
    </main>
  );
}
