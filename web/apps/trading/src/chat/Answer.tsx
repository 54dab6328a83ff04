import type { ChatMessage } from "@uchat/chat";
import { memo } from "react";
import { Markdown } from "../markdown/Markdown";
import { Mark } from "../ui/Icon";
import { clockTime } from "../ui/time";
import { Sources } from "./Sources";

/** Parts that hold text; a reader skips the types that it does not know. */
const TEXTS = new Set(["text", "summary", "detail"]);

export const Answer = memo(({ message }: { message: ChatMessage }) => (
  <article className="answer" aria-label="Assistant">
    <Mark />
    <div className="answer-body">
      {message.parts
        .filter((part) => TEXTS.has(part.type) && part.text)
        .map((part, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- its parts never change
          <Markdown key={index} text={part.text ?? ""} />
        ))}
      <Sources sources={message.sources} />
      <div className="meta">
        <time dateTime={new Date(message.at).toISOString()}>{clockTime(message.at)}</time>
      </div>
    </div>
  </article>
));
Answer.displayName = "Answer";
