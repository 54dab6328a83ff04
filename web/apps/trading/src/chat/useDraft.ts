import { useChatStore } from "@uchat/chat";
import { useEffect, useRef, useState } from "react";

/** Where text is kept that is written before a conversation is open. */
const NOWHERE = "";

/** What is being written, in each conversation its own, as long as the page lives. */
export function useDraft() {
  const sessionId = useChatStore((state) => state.sessionId);
  const send = useChatStore((state) => state.send);
  const [drafts, setDrafts] = useState<ReadonlyMap<string, string>>(new Map());
  /** Enter was pressed before there was a conversation to send to. */
  const eager = useRef(false);
  const place = sessionId ?? NOWHERE;
  const text = drafts.get(place) ?? "";
  const early = drafts.get(NOWHERE) ?? "";

  const change = (value: string) => {
    eager.current = false;
    setDrafts((all) => new Map(all).set(place, value));
  };

  const submit = () => {
    if (sessionId === null) {
      eager.current = true;
      return;
    }
    send(text);
    change("");
  };

  useEffect(() => {
    if (sessionId === null || early === "") return;
    const wanted = eager.current;
    eager.current = false;
    if (wanted) send(early);
    setDrafts((all) => {
      const moved = new Map(all);
      moved.delete(NOWHERE);
      return wanted ? moved : moved.set(sessionId, early);
    });
  }, [sessionId, early, send]);

  return { sessionId, text, change, submit };
}
