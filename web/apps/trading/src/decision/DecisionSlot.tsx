import { followersOf, useChatStore } from "@uchat/chat";
import type { PlanRequest } from "@uchat/contracts";
import { useEffect } from "react";
import { headlineOfWish } from "./cardText";
import { DecisionCard } from "./DecisionCard";

const PATIENCE_MS = 1_200;

interface DecisionSlotProps {
  id: string;
  wish?: unknown;
}

/** The place of a decision in an answer: its card, and those that were made of it afterwards. */
export function DecisionSlot({ id, wish }: DecisionSlotProps) {
  const followers = useChatStore((state) => followersOf(state.cards, id).join(" "));
  return (
    <>
      <OneDecision id={id} wish={wish} />
      {followers.split(" ").map((next) => next !== "" && <DecisionSlot key={next} id={next} />)}
    </>
  );
}

/** The card of a decision, as soon as it is known. */
function OneDecision({ id, wish }: DecisionSlotProps) {
  const known = useChatStore((state) => state.cards[id] !== undefined);
  const lost = useChatStore((state) => state.lostCards[id] === true);
  const needCard = useChatStore((state) => state.needCard);

  useEffect(() => {
    if (known || lost) return undefined;
    // The card follows its answer within moments; of an old answer no log in view may tell.
    const timer = setTimeout(() => needCard(id), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [id, known, lost, needCard]);

  if (known) return <DecisionCard id={id} />;
  if (lost) return <p className="card-lost">This order is no longer on record.</p>;
  return (
    <div className="card card-waiting" role="status">
      <p className="card-waiting-title">
        <span className="chip busy">Being priced</span> {wishLine(wish)}
      </p>
      <span className="card-waiting-line" />
      <span className="card-waiting-line" />
    </div>
  );
}

/** What is wished for, which the answer tells before it is priced. */
function wishLine(wish: unknown): string {
  const known = typeof wish === "object" && wish !== null && "legs" in wish;
  return known ? headlineOfWish(wish as PlanRequest) : "";
}
