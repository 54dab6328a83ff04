import type { ChatMessage } from "@uchat/chat";
import { DecisionSlot } from "../decision/DecisionSlot";
import { Markdown } from "../markdown/Markdown";
import { useInterface } from "../ui/surface";
import { TablePart } from "./TablePart";

type Part = ChatMessage["parts"][number];

/** The parts of an answer in their order; a reader skips the types that it does not know. */
export function Parts({ message }: { message: ChatMessage }) {
  const brief = useInterface() === "widget" && message.parts.some(isSummary);
  const titled = message.parts.filter((part) => part.type === "table").length > 1;
  const placed = new Set(message.parts.map(decisionOf));
  const unplaced = message.decisions.filter((id) => !placed.has(id));
  return (
    <>
      {message.parts.map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- its parts never change
        <OnePart key={index} part={part} brief={brief} titled={titled} />
      ))}
      {unplaced.map((id) => (
        <DecisionSlot key={id} id={id} />
      ))}
    </>
  );
}

function OnePart({ part, brief, titled }: { part: Part; brief: boolean; titled: boolean }) {
  switch (part.type) {
    case "text":
    case "summary":
      return part.text ? <Markdown text={part.text} /> : null;
    case "detail":
      return part.text ? <Detail text={part.text} folded={brief} /> : null;
    case "table":
      return <TablePart part={part} titled={titled} />;
    case "decision": {
      const id = decisionOf(part);
      return id === null ? null : <DecisionSlot id={id} wish={part["request"]} />;
    }
    default:
      return null;
  }
}

/** The widget shows the short answer, and the long one to who asks for it. */
function Detail({ text, folded }: { text: string; folded: boolean }) {
  if (!folded) return <Markdown text={text} />;
  return (
    <details className="more">
      <summary>More</summary>
      <Markdown text={text} />
    </details>
  );
}

function isSummary(part: Part): boolean {
  return part.type === "summary";
}

function decisionOf(part: Part): string | null {
  const id = part.type === "decision" ? part["decision_id"] : null;
  return typeof id === "string" ? id : null;
}
