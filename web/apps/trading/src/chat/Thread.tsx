import { useChatStore } from "@uchat/chat";
import { Icon } from "../ui/Icon";
import { EmptyState } from "./EmptyState";
import { MessageList } from "./MessageList";
import { RunningAnswers } from "./RunningAnswers";
import { useStickToBottom } from "./useStickToBottom";

/** The conversation: what was said, what is being said, and where one is in it. */
export function Thread() {
  const loaded = useChatStore((state) => state.loaded);
  const messages = useChatStore((state) => state.messages);
  const streaming = useChatStore((state) => state.streaming);
  const cards = useChatStore((state) => state.cards);
  const hasOlder = useChatStore((state) => state.hasOlder);
  const loadingOlder = useChatStore((state) => state.loadingOlder);
  const loadOlder = useChatStore((state) => state.loadOlder);
  const own = messages.findLast((message) => message.interface === null)?.key ?? null;
  const stick = useStickToBottom(own, messages, streaming, cards);
  const { scroller, atBottom, toBottom, keepPlace } = stick;

  const empty = loaded && messages.length === 0 && streaming.length === 0;
  return (
    <div className="thread-frame">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll it */}
      <section className="thread" ref={scroller} aria-label="Messages" tabIndex={0}>
        <div className="thread-column">
          {!loaded && messages.length === 0 && <Skeleton />}
          {empty && <EmptyState />}
          {hasOlder && (
            <button
              type="button"
              className="button small older"
              disabled={loadingOlder}
              onClick={() => keepPlace(loadOlder)}
            >
              {loadingOlder ? "Loading…" : "Show earlier messages"}
            </button>
          )}
          <MessageList messages={messages} />
          <RunningAnswers />
        </div>
      </section>
      {!atBottom && (
        <button type="button" className="jump" onClick={toBottom}>
          <Icon name="down" />
          Jump to latest
        </button>
      )}
    </div>
  );
}

function Skeleton() {
  return (
    <div className="skeleton" role="status" aria-label="Loading the conversation">
      <span />
      <span />
      <span />
    </div>
  );
}
