import { useChatStore } from "@uchat/chat";
import { useEffect, useState } from "react";
import { Markdown } from "../markdown/Markdown";
import { Mark } from "../ui/Icon";

const LONG_MS = 12_000;

/** The answers that are being written, or the sign that one is about to be. */
export function RunningAnswers() {
  const streaming = useChatStore((state) => state.streaming);
  const last = useChatStore((state) => state.messages.at(-1));
  const waiting =
    streaming.length === 0 &&
    last?.role === "user" &&
    (last.state === "sent" || last.state === "accepted");

  return (
    <>
      <div className="visually-hidden" role="status">
        {streaming.length > 0 || waiting ? "The assistant is answering" : ""}
      </div>
      {streaming.map((run) => (
        <article key={run.messageId} className="answer running" aria-label="Assistant, answering">
          <Mark />
          <div className="answer-body">
            {run.text !== "" && <Markdown text={run.text} growing />}
            {run.text === "" || run.step !== null ? <Thinking step={run.step} /> : null}
          </div>
        </article>
      ))}
      {waiting && (
        <article className="answer running" aria-label="Assistant">
          <Mark />
          <div className="answer-body">
            <Thinking key={last.key} step={null} />
          </div>
        </article>
      )}
    </>
  );
}

function Thinking({ step }: { step: string | null }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  const waiting = long ? "Still working on it" : "Thinking";
  return (
    <p className="thinking">
      <span className="dots" aria-hidden="true" />
      {step === null ? waiting : `Working: ${step.replaceAll("_", " ")}`}…
    </p>
  );
}
