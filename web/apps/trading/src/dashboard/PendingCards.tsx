import { isAwaiting, isOthers, useChatStore } from "@uchat/chat";
import type { Card } from "@uchat/contracts";
import { useState } from "react";
import { DecisionCard } from "../decision/DecisionCard";
import { useServerNow } from "../ui/useServerNow";
import { Panel } from "./Panel";

const STAYS_MS = 20_000;

/** What waits for an answer: others' plans, which need a second person, and one's own. */
export function PendingCards() {
  const shown = useShown();
  const own = shown.filter((card) => !isOthers(card));
  const others = shown.filter(isOthers);
  return (
    <>
      <Waiting cards={others} title="Waiting for your approval" />
      <Waiting cards={own} title="Waiting for your answer" />
    </>
  );
}

/** The cards that wait, from whichever conversation; what was answered stays a moment. */
function useShown(): Card[] {
  const cards = useChatStore((state) => state.cards);
  /** What has waited here: only such a card stays, so that nothing comes up just to go again. */
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const now = useServerNow(true);
  const known = Object.values(cards);
  const fresh = known.filter((card) => isAwaiting(card) && !seen.has(card.decision_id));
  if (fresh.length > 0) {
    setSeen(new Set([...seen, ...fresh.map((card) => card.decision_id)]));
  }
  return known
    .filter((card) => seen.has(card.decision_id))
    .filter((card) => isAwaiting(card) || now - Date.parse(card.updated_at) < STAYS_MS)
    .toSorted((a, b) => Date.parse(a.proposed_at) - Date.parse(b.proposed_at));
}

function Waiting({ cards, title }: { cards: readonly Card[]; title: string }) {
  if (cards.length === 0) return null;
  return (
    <Panel title={cards.some(isAwaiting) ? title : "Just now"} area="pending">
      <div className="pending-cards">
        {cards.map(({ decision_id: id }) => (
          <DecisionCard key={id} id={id} />
        ))}
      </div>
    </Panel>
  );
}
