import { useChatStore } from "@uchat/chat";
import { useEffect, useRef } from "react";

const NAME = "Unified Chat";

/** Names the window; says how many cards wait, and while it is hidden that something was said. */
export function useDocumentTitle(): void {
  const waiting = useChatStore((state) => state.awaiting.length);
  const last = useChatStore((state) => state.messages.at(-1)?.key);
  const seen = useRef(last);

  useEffect(() => {
    const show = () => {
      if (!document.hidden) seen.current = last;
      const name = waiting > 0 ? `(${waiting}) ${NAME}` : NAME;
      document.title = last === seen.current ? name : `● ${name}`;
    };
    show();
    document.addEventListener("visibilitychange", show);
    return () => {
      document.removeEventListener("visibilitychange", show);
      document.title = NAME;
    };
  }, [last, waiting]);
}
