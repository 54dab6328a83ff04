import { answerTo, isAwaiting, leftMs, useChatStore } from "@uchat/chat";
import type { Card } from "@uchat/contracts";
import { useId } from "react";
import { useInterface } from "../ui/surface";
import { preciseTime } from "../ui/time";
import { useServerNow } from "../ui/useServerNow";
import { liveAt } from "./account";
import { AccountBadge } from "./AccountBadge";
import { CardActions } from "./CardActions";
import { CardFacts } from "./CardFacts";
import { headlineOf, isSettled, lateOf, statusOf, stepsOf, totalOf } from "./cardText";
import { Countdown } from "./Countdown";

/** One decision: what it is, what it costs, what it changes, and what became of it. */
export function DecisionCard({ id }: { id: string }) {
  const card = useChatStore((state) => state.cards[id]);
  return card === undefined ? null : <CardBody card={card} />;
}

function CardBody({ card }: { card: Card }) {
  const titleId = useId();
  const own = useChatStore((state) => state.answers[card.decision_id]);
  const me = useChatStore((state) => state.account?.userId);
  const asks = isAwaiting(card);
  const left = leftMs(card, useServerNow(asks));
  const over = asks && left === 0;
  const answer = answerTo(card, own);
  const status = statusOf(card, answer, over, me);
  const late = lateOf(card, own ?? null, me);
  const running = asks && !over && answer?.state !== "recorded" ? left : null;

  return (
    <article
      className="card"
      data-tone={status.tone}
      aria-labelledby={titleId}
      tabIndex={-1}
    >
      <header className="card-head">
        <span className={`chip ${status.tone}`} role="status">
          {status.text}
        </span>
        <Badges card={card} />
        {running !== null && <Countdown left={running} />}
      </header>
      <Title card={card} id={titleId} />
      <Whose card={card} />
      <Facts card={card} />
      <Changes card={card} />
      <Warnings card={card} />
      {card.reason && <p className={`card-reason ${status.tone}`}>{card.reason.text}</p>}
      <Steps card={card} me={me} />
      {late !== null && <p className="card-late">{late}</p>}
      <CardActions card={card} answer={answer} over={over} />
    </article>
  );
}

function Badges({ card }: { card: Card }) {
  const there = liveAt(card, useChatStore((state) => state.venues));
  return (
    <>
      <AccountBadge there={there} />
      {card.version > 1 && <span className="badge">version {card.version}</span>}
    </>
  );
}

function Title({ card, id }: { card: Card; id: string }) {
  const total = totalOf(card);
  // On its own page the conversation has the first heading, elsewhere it stands in a section.
  const Heading = useInterface() === "web_chat" ? "h2" : "h3";
  return (
    <div className="card-title">
      <Heading id={id}>
        <span className="visually-hidden">Decision: </span>
        {headlineOf(card)}
      </Heading>
      {total !== null && (
        <p>
          <span>{total.label}</span> <strong>{total.amount}</strong>
        </p>
      )}
    </div>
  );
}

/** Somebody else's money: that has to be seen before anything else. */
function Whose({ card }: { card: Card }) {
  const { owner } = card;
  if (!owner) return null;
  return (
    <p className="card-owner">
      {isAwaiting(card) ? "Not yours: a second approval is asked for by " : "Not yours: of "}
      <strong>{owner.name}</strong>
      {owner.organisation !== "" && `, ${owner.organisation}`}
    </p>
  );
}

/** Of a card that is settled the plan is history: there for who wants to see it. */
function Facts({ card }: { card: Card }) {
  if (!isSettled(card)) return <CardFacts card={card} />;
  if (!card.plan) return null;
  return (
    <details className="card-history">
      <summary>
        {card.resolved?.choice === "approve" ? "What was approved" : "The proposal"}
      </summary>
      <CardFacts card={card} />
    </details>
  );
}

/** What this version changes over the one before: what a person would look for first. */
function Changes({ card }: { card: Card }) {
  const { changes } = card;
  if (!isAwaiting(card) || changes.length === 0) return null;
  return (
    <ul className="card-changes" aria-label="What has changed">
      {changes.map((change) => (
        <li key={`${change.what} ${change.leg ?? ""}`}>{change.text}</li>
      ))}
    </ul>
  );
}

function Warnings({ card }: { card: Card }) {
  if (!isAwaiting(card) || card.warnings.length === 0) return null;
  return (
    <ul className="card-warnings">
      {card.warnings.map((warning) => (
        <li key={warning.code}>{warning.text}</li>
      ))}
    </ul>
  );
}

/** Nothing has happened yet to a card that waits: there the question itself is enough. */
function Steps({ card, me }: { card: Card; me: string | undefined }) {
  const steps = stepsOf(card, me);
  if (steps.length < 2) return null;
  return (
    <ol className="card-steps">
      {steps.map((step) => (
        <li key={`${step.at} ${step.text}`} data-tone={step.tone}>
          <span>{step.text}</span>
          <time dateTime={step.at}>{preciseTime(Date.parse(step.at))}</time>
        </li>
      ))}
    </ol>
  );
}
