import { useChatStore } from "@uchat/chat";
import { useEffect, useRef } from "react";

const NAME = "Unified Chat";

/** Names the window, and marks it while it is hidden and something new was said. */
export function useDocumentTitle(): void {
  const last = useChatStore((state) => state.messages.at(-1)?.key);
  const seen = useRef(last);

  useEffect(() => {
    const show = () => {
      if (!document.hidden) seen.current = last;
      document.title = last === seen.current ? NAME : `● ${NAME}`;
    };
    show();
    document.addEventListener("visibilitychange", show);
    return () => {
      document.removeEventListener("visibilitychange", show);
      document.title = NAME;
    };
  }, [last]);
}
