import type { ChatMessage } from "@uchat/chat";
import { Fragment } from "react";
import { dayName, isSameDay } from "../ui/time";
import { Answer } from "./Answer";
import { OwnMessage } from "./OwnMessage";

/** New messages are read out once they are complete; a streaming answer is not in here. */
export function MessageList({ messages }: { messages: readonly ChatMessage[] }) {
  return (
    <div className="messages" role="log" aria-live="polite" aria-label="Conversation">
      {messages.map((message, index) => (
        <Fragment key={message.key}>
          {!isSameDay(message.at, messages[index - 1]?.at ?? 0) && (
            <div className="day">{dayName(message.at)}</div>
          )}
          {message.role === "user" ? (
            <OwnMessage message={message} />
          ) : (
            <Answer message={message} />
          )}
        </Fragment>
      ))}
    </div>
  );
}
