import { useChatStore } from "@uchat/chat";
import { useState } from "react";
import { Icon } from "../ui/Icon";

/** Ends the answer that is being written, on whichever device it was asked for. */
export function StopButton() {
  const stop = useChatStore((state) => state.stop);
  const [asked, setAsked] = useState(false);
  return (
    <button
      type="button"
      className="send stop"
      aria-label="Stop the answer"
      disabled={asked}
      onClick={() => {
        setAsked(true);
        void stop();
      }}
    >
      <Icon name="stop" />
    </button>
  );
}
