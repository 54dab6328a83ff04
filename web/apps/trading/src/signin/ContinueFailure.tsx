import { useChatStore, type FailedContinuation } from "@uchat/chat";

interface ContinueFailureProps {
  failure: FailedContinuation;
  leave: string;
  onLeave: () => void;
}

/** Why the link did not work, and the way back to a new one. */
export function ContinueFailure({ failure, leave, onLeave }: ContinueFailureProps) {
  const again = useChatStore((state) => state.continueAgain);
  return (
    <div className="continue">
      <h1 id="continue-title">
        {failure.problem === null ? "This link no longer works" : "Not connected"}
      </h1>
      <p>
        {failure.problem ??
          "Such a link works once and for a minute, because it signs you in. Go back to the bot " +
            "and press “Continue on the web” again."}
      </p>
      <div className="continue-actions">
        {failure.problem !== null && (
          <button type="button" className="button primary" onClick={() => void again()}>
            Try again
          </button>
        )}
        {failure.botUrl !== null && (
          <a className="button primary" href={failure.botUrl} rel="noreferrer">
            Back to Telegram
          </a>
        )}
        <button type="button" className="button" onClick={onLeave}>
          {leave}
        </button>
      </div>
    </div>
  );
}
