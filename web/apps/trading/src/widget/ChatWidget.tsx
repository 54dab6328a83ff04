import { useChatStore } from "@uchat/chat";
import { useCallback, useEffect, useRef, useState } from "react";
import { Composer } from "../chat/Composer";
import { ConnectionBanner } from "../chat/ConnectionBanner";
import { Thread } from "../chat/Thread";
import { goTo } from "../shell/route";
import { Icon, Mark } from "../ui/Icon";
import { InterfaceContext } from "../ui/surface";

/** The same conversation in a corner of the dashboard, answered briefly. */
export function ChatWidget() {
  const [open, setOpen] = useState(false);
  const launcher = useRef<HTMLButtonElement>(null);
  const last = useChatStore((state) => state.messages.at(-1)?.key ?? null);
  /** What was said last when the widget was closed; null before it was ever open. */
  const [seen, setSeen] = useState<string | null>(null);
  const unread = !open && seen !== null && last !== seen;

  const wasOpen = useRef(false);
  const close = useCallback(() => {
    setOpen(false);
    setSeen(last);
  }, [last]);

  useEffect(() => {
    if (!open && wasOpen.current) launcher.current?.focus();
    wasOpen.current = open;
  }, [open]);

  return (
    <InterfaceContext value="widget">
      <button
        type="button"
        ref={launcher}
        className="launcher"
        aria-expanded={open}
        hidden={open}
        onClick={() => setOpen(true)}
      >
        <Icon name="chat" />
        <span className="launcher-text">Open the chat</span>
        {unread && (
          <span className="launcher-dot">
            <span className="visually-hidden">, something new was said</span>
          </span>
        )}
      </button>
      {open && <Panel onClose={close} />}
    </InterfaceContext>
  );
}

function Panel({ onClose }: { onClose: () => void }) {
  const sessionId = useChatStore((state) => state.sessionId);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" && document.querySelector("dialog[open]") === null) onClose();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [onClose]);

  return (
    <section className="widget" aria-label="Chat widget">
      <header className="widget-head">
        <Mark />
        <h2>Chat</h2>
        <button type="button" className="link quiet" onClick={() => goTo("chat")}>
          Whole conversation
        </button>
        <button type="button" className="icon-button" aria-label="Close the chat" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <ConnectionBanner />
      <Thread key={sessionId ?? ""} />
      <Composer />
    </section>
  );
}
