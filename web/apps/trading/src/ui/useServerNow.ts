import { useChatStore } from "@uchat/chat";
import { useEffect, useState } from "react";

/** The server's time in milliseconds, each second anew while `running`. */
export function useServerNow(running: boolean): number {
  const offset = useChatStore((state) => state.clockOffset);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now + offset;
}
