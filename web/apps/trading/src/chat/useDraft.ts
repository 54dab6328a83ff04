import { useChatStore } from "@uchat/chat";
import { useEffect, useRef, useState } from "react";

/** Where text is kept that is written before a conversation is open. */
const NOWHERE = "";

/** What was being written when the composer went out of view. */
let kept: ReadonlyMap<string, string> = new Map();

/** What is being written, in each conversation its own; a reload brings it back. */
export function useDraft() {
  const sessionId = useChatStore((state) => state.sessionId);
  const send = useChatStore((state) => state.send);
  const draftOf = useChatStore((state) => state.draftOf);
  const keepDraft = useChatStore((state) => state.keepDraft);
  const [drafts, setDrafts] = useState(kept);
  /** Enter was pressed before there was a conversation to send to. */
  const eager = useRef(false);
  const place = sessionId ?? NOWHERE;
  const early = drafts.get(NOWHERE) ?? "";
  // Read, not moved: between a move and its rendering a keystroke would see an empty field.
  const text = drafts.get(place) ?? (early || draftOf(place));

  const write = (value: string) => {
    keepDraft(place, value);
    setDrafts((all) => {
      const written = new Map(all).set(place, value);
      if (place !== NOWHERE) written.delete(NOWHERE);
      return written;
    });
  };

  const change = (value: string) => {
    eager.current = false;
    write(value);
  };

  const submit = () => {
    if (sessionId === null) {
      eager.current = true;
      return;
    }
    send(text);
    write("");
  };

  useEffect(() => {
    kept = drafts;
  }, [drafts]);

  useEffect(() => {
    if (sessionId === null || early === "" || !eager.current) return;
    eager.current = false;
    send(early);
    setDrafts((all) => {
      const rest = new Map(all);
      rest.delete(NOWHERE);
      return rest;
    });
  }, [sessionId, early, send]);

  return { sessionId, text, change, submit };
}
