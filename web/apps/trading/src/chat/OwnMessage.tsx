import { refusalOf, useChatStore, type ChatMessage } from "@uchat/chat";
import { memo } from "react";
import { clockTime } from "../ui/time";
import { OriginBadge } from "./OriginBadge";

export const OwnMessage = memo(({ message }: { message: ChatMessage }) => (
  <article className="own" data-state={message.state} aria-label="You">
    <div className="bubble">{message.parts.map((part) => part.text ?? "").join("\n")}</div>
    <div className="meta">
      <OriginBadge name={message.interface} />
      {message.state === "failed" ? <Failed message={message} /> : <State message={message} />}
    </div>
  </article>
));
OwnMessage.displayName = "OwnMessage";

function State({ message }: { message: ChatMessage }) {
  if (message.state === "sending") return <span className="sending">Sending…</span>;
  if (message.state === "accepted") return <span>Sent</span>;
  return <time dateTime={new Date(message.at).toISOString()}>{clockTime(message.at)}</time>;
}

function Failed({ message }: { message: ChatMessage }) {
  const retry = useChatStore((state) => state.retry);
  const discard = useChatStore((state) => state.discard);
  const id = message.clientMsgId ?? "";
  return (
    <span className="failed" role="alert">
      <span>{refusalOf(message.code)}</span>
      <button type="button" className="link" onClick={() => retry(id)}>
        Try again
      </button>
      <button type="button" className="link" onClick={() => discard(id)}>
        Discard
      </button>
    </span>
  );
}
