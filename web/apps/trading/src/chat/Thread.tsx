import { useChatStore } from "@uchat/chat";
import { useEffect, useRef } from "react";
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
          {hasOlder && <Older busy={loadingOlder} load={() => keepPlace(loadOlder)} />}
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

/** Earlier messages come when one scrolls up to where they begin, or by the button. */
function Older({ busy, load }: { busy: boolean; load: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const loads = useRef(load);
  useEffect(() => {
    loads.current = load;
  });
  useEffect(() => {
    if (button.current === null || busy) return undefined;
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) loads.current();
    });
    seen.observe(button.current);
    return () => seen.disconnect();
  }, [busy]);
  return (
    <button
      type="button"
      ref={button}
      className="button small older"
      disabled={busy}
      onClick={load}
    >
      {busy ? "Loading…" : "Show earlier messages"}
    </button>
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
