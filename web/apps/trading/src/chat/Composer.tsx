import { MODES, useChatStore } from "@uchat/chat";
import { MAX_TEXT } from "@uchat/contracts";
import { useEffect, useRef, type FormEvent, type KeyboardEvent } from "react";
import { Icon } from "../ui/Icon";
import { useInterface } from "../ui/surface";
import { StopButton } from "./StopButton";
import { useDraft } from "./useDraft";

const SHOW_LEFT = 500;

export function Composer() {
  const { sessionId, text, change, submit } = useDraft();
  const answering = useChatStore((state) => state.streaming.at(-1)?.runId ?? null);
  const brief = useInterface() === "widget";
  const input = useRef<HTMLTextAreaElement>(null);
  const left = MAX_TEXT - text.length;
  const ready = text.trim() !== "" && left >= 0;

  useEffect(() => {
    // On a touch screen the focus would bring up the keyboard over the conversation.
    if (matchMedia("(hover: hover)").matches) input.current?.focus();
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- for each conversation anew
  }, [sessionId]);

  const write = (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready) return;
    submit();
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    write();
  };

  return (
    <form className="composer" onSubmit={write}>
      <div className="composer-box">
        <textarea
          ref={input}
          value={text}
          rows={1}
          placeholder={brief ? "Ask or order…" : "Ask about a price, a market, an idea…"}
          aria-label="Message"
          aria-describedby={brief ? undefined : "composer-hint"}
          enterKeyHint="send"
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="composer-row">
          <ModeSwitch />
          {left <= SHOW_LEFT && (
            <span className={left < 0 ? "left over" : "left"} role="status">
              {left < 0 ? `${-left} characters too long` : `${left} left`}
            </span>
          )}
          {answering !== null && text === "" ? (
            <StopButton key={answering} />
          ) : (
            <button type="submit" className="send" aria-label="Send" disabled={!ready}>
              <Icon name="send" />
            </button>
          )}
        </div>
      </div>
      {!brief && (
        <p id="composer-hint" className="composer-hint">
          Enter sends, Shift+Enter starts a new line.
        </p>
      )}
    </form>
  );
}

const MODE_NAMES: Record<string, string> = {
  trading: "Trading",
  quick: "Quick",
  analysis: "Analysis",
  support: "Support",
};

function ModeSwitch() {
  const mode = useChatStore((state) => state.currentMode);
  const setMode = useChatStore((state) => state.setMode);
  const known: readonly string[] = MODES;
  const modes = known.includes(mode) ? known : [...known, mode];
  return (
    <label className="mode">
      <span className="visually-hidden">How to answer</span>
      <select value={mode} onChange={(event) => void setMode(event.target.value)}>
        {modes.map((name) => (
          <option key={name} value={name}>
            {MODE_NAMES[name] ?? name}
          </option>
        ))}
      </select>
    </label>
  );
}
