import type { ChatMessage } from "@uchat/chat";
import { memo } from "react";
import { Mark } from "../ui/Icon";
import { clockTime } from "../ui/time";
import { Parts } from "./Parts";
import { Sources } from "./Sources";

export const Answer = memo(({ message }: { message: ChatMessage }) => (
  <article className="answer" aria-label="Assistant">
    <Mark />
    <div className="answer-body">
      <Parts message={message} />
      <Sources sources={message.sources} />
      <div className="meta">
        <time dateTime={new Date(message.at).toISOString()}>{clockTime(message.at)}</time>
      </div>
    </div>
  </article>
));
Answer.displayName = "Answer";
