import { isAwaiting, isOthers, useChatStore, type Choice, type OwnAnswer } from "@uchat/chat";
import type { Card } from "@uchat/contracts";
import { useState, type MouseEvent } from "react";
import { useInterface } from "../ui/surface";
import { liveAt } from "./account";
import { waitsForOthers } from "./cardText";
import { canChange, ChangePlan } from "./ChangePlan";
import { SettleOrders } from "./SettleOrders";

interface CardActionsProps {
  card: Card;
  answer: OwnAnswer | null;
  /** Its time has run out. */
  over: boolean;
}

/** What can be done with a card now: answer or change it, or go on from where it ended. */
export function CardActions({ card, answer, over }: CardActionsProps) {
  // What comes after the answer is the owner's to choose.
  if (isOthers(card) && (over || !isAwaiting(card))) return null;
  if (card.state === "needs_human") return <SettleOrders card={card} />;
  if (AGAIN.has(card.state) || over) return <Again card={card} text="Quote again" />;
  if (card.remedy) return <Again card={card} text="Finish the rest" remedy />;
  return isAwaiting(card) ? <Answer card={card} answer={answer} /> : null;
}

const AGAIN: ReadonlySet<string> = new Set(["expired", "failed"]);

function Again({ card, text, remedy = false }: { card: Card; text: string; remedy?: boolean }) {
  const iface = useInterface();
  const quoteAgain = useChatStore((state) => state.quoteAgain);
  const [busy, setBusy] = useState(false);
  if (card.superseded_by) return null;
  const ask = () => {
    setBusy(true);
    void quoteAgain(card.decision_id, iface, remedy).finally(() => setBusy(false));
  };
  return (
    <div className="card-actions">
      <button type="button" className="button" disabled={busy} onClick={ask}>
        {text}
      </button>
    </div>
  );
}

function Answer({ card, answer }: { card: Card; answer: OwnAnswer | null }) {
  const stopped = useChatStore((state) => state.killSwitch?.on ?? false);
  const halted = stopped && !isOthers(card);
  const [changing, setChanging] = useState(false);
  if (changing) return <ChangePlan card={card} onDone={() => setChanging(false)} />;
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
      <Buttons card={card} answer={answer} halted={halted} onChange={() => setChanging(true)} />
    </>
  );
}

interface ButtonsProps {
  card: Card;
  answer: OwnAnswer | null;
  halted: boolean;
  onChange: () => void;
}

function Buttons({ card, answer, halted, onChange }: ButtonsProps) {
  const iface = useInterface();
  const decide = useChatStore((state) => state.decide);
  const me = useChatStore((state) => state.account?.userId);
  const waits = waitsForOthers(card, me);
  const answered = !waits && answer !== null && answer.state !== "failed";
  const settled = waits || answered;
  const say = (choice: Choice) => (event: MouseEvent<HTMLButtonElement>) => {
    // The button goes away: whoever uses the keyboard stays at the card.
    event.currentTarget.closest<HTMLElement>(".card")?.focus({ preventScroll: true });
    void decide(card.decision_id, choice, iface);
  };
  return (
    <div className="card-actions">
      <button type="button" className="button" disabled={answered} onClick={say("reject")}>
        Reject
      </button>
      {canChange(card) && card.user_id === me && (
        <button type="button" className="button" disabled={settled} onClick={onChange}>
          Change
        </button>
      )}
      <ApproveButton card={card} disabled={settled || halted} onClick={say("approve")}>
        {waits ? "Approved" : answer?.choice === "approve" && answered && "Approving…"}
      </ApproveButton>
    </div>
  );
}

interface ApproveButtonProps {
  card: Card;
  disabled: boolean;
  onClick: (event: MouseEvent<HTMLButtonElement>) => void;
  /** What it says once it was pressed. */
  children: string | false;
}

/** Real money is approved by a button that names where. */
function ApproveButton({ card, disabled, onClick, children }: ApproveButtonProps) {
  const there = liveAt(card, useChatStore((state) => state.venues));
  return (
    <button
      type="button"
      className={there === null ? "button primary" : "button primary wide"}
      disabled={disabled}
      onClick={onClick}
    >
      {children || (there === null ? "Approve" : `Approve on ${there}`)}
    </button>
  );
}
