import { isAwaiting, useChatStore } from "@uchat/chat";
import { useState } from "react";
import { DecisionCard } from "../decision/DecisionCard";
import { useServerNow } from "../ui/useServerNow";
import { Panel } from "./Panel";

const STAYS_MS = 20_000;

/** What waits for an answer, from whichever conversation; what was answered stays a moment. */
export function PendingCards() {
  const awaiting = useChatStore((state) => state.awaiting);
  const cards = useChatStore((state) => state.cards);
  /** What has waited here: only such a card stays, so that nothing comes up just to go again. */
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const now = useServerNow(true);
  const fresh = awaiting.filter((card) => !seen.has(card.decision_id));
  if (fresh.length > 0) {
    setSeen(new Set([...seen, ...fresh.map((card) => card.decision_id)]));
  }
  const shown = Object.values(cards)
    .filter((card) => seen.has(card.decision_id))
    .filter((card) => isAwaiting(card) || now - Date.parse(card.updated_at) < STAYS_MS)
    .toSorted((a, b) => Date.parse(a.proposed_at) - Date.parse(b.proposed_at));

  if (shown.length === 0) return null;
  return (
    <Panel
      title={awaiting.length > 0 ? "Waiting for your answer" : "Just now"}
      area="pending"
    >
      <div className="pending-cards">
        {shown.map(({ decision_id: id }) => (
          <DecisionCard key={id} id={id} />
        ))}
      </div>
    </Panel>
  );
}
