import { isAwaiting, useChatStore, type Choice, type OwnAnswer } from "@uchat/chat";
import type { Card } from "@uchat/contracts";
import type { MouseEvent } from "react";
import { useInterface } from "../ui/surface";

interface CardActionsProps {
  card: Card;
  answer: OwnAnswer | null;
  /** Its time has run out. */
  over: boolean;
}

/** What can be done with a card now: answer it once, or ask for the same at a new price. */
export function CardActions({ card, answer, over }: CardActionsProps) {
  const iface = useInterface();
  const decide = useChatStore((state) => state.decide);
  const quoteAgain = useChatStore((state) => state.quoteAgain);
  const halted = useChatStore((state) => state.killSwitch?.on ?? false);

  if (card.state === "expired" || over) {
    return (
      <div className="card-actions">
        <button
          type="button"
          className="button"
          onClick={() => quoteAgain(card.decision_id, iface)}
        >
          Quote again
        </button>
      </div>
    );
  }
  if (!isAwaiting(card)) return null;

  const settled = answer !== null && answer.state !== "failed";
  const say = (choice: Choice) => (event: MouseEvent<HTMLButtonElement>) => {
    // The button goes away: whoever uses the keyboard stays at the card.
    event.currentTarget.closest<HTMLElement>(".card")?.focus({ preventScroll: true });
    void decide(card.decision_id, choice, iface);
  };
  return (
    <>
      {answer?.state === "failed" && (
        <p className="card-problem" role="alert">
          {answer.problem}
        </p>
      )}
      {halted && (
        <p className="card-problem">Trading is stopped. Resume it before you approve this.</p>
      )}
      <div className="card-actions">
        <button type="button" className="button" disabled={settled} onClick={say("reject")}>
          Reject
        </button>
        <button
          type="button"
          className="button primary"
          disabled={settled || halted}
          onClick={say("approve")}
        >
          {answer?.choice === "approve" && settled ? "Approving…" : "Approve"}
        </button>
      </div>
    </>
  );
}
