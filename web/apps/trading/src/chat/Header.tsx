import { titleOf, useChatStore } from "@uchat/chat";
import { useRef, useState, type KeyboardEvent } from "react";
import { KillSwitchButton } from "../shell/KillSwitchButton";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Icon } from "../ui/Icon";

const MAX_TITLE = 120;

export function Header({ onMenu }: { onMenu: () => void }) {
  const sessionId = useChatStore((state) => state.sessionId);
  const session = useChatStore((state) => state.sessions.find((one) => one.id === sessionId));
  const loadedTitle = useChatStore((state) => state.title);
  const erase = useChatStore((state) => state.erase);
  const [editing, setEditing] = useState(false);
  const [erasing, setErasing] = useState(false);
  const shown = session ?? { id: sessionId ?? "", title: loadedTitle, home: false };
  const title = titleOf(shown);

  return (
    <header className="header">
      <button
        type="button"
        className="icon-button menu"
        aria-label="Conversations"
        onClick={onMenu}
      >
        <Icon name="menu" />
      </button>
      {editing && sessionId !== null ? (
        <TitleInput sessionId={sessionId} title={title} onDone={() => setEditing(false)} />
      ) : (
        <h1 className="header-title">{title}</h1>
      )}
      {sessionId !== null && !editing && (
        <div className="header-actions">
          <button
            type="button"
            className="icon-button"
            aria-label="Rename conversation"
            onClick={() => setEditing(true)}
          >
            <Icon name="pencil" />
          </button>
          {session !== undefined && !session.home && (
            <button
              type="button"
              className="icon-button"
              aria-label="Delete conversation"
              onClick={() => setErasing(true)}
            >
              <Icon name="trash" />
            </button>
          )}
        </div>
      )}
      <span className="brake-slot">
        <KillSwitchButton />
      </span>
      {erasing && sessionId !== null && (
        <ConfirmDialog
          title={`Delete “${title}”?`}
          keep="Keep it"
          act="Delete"
          onAct={() => void erase(sessionId)}
          onDone={() => setErasing(false)}
        >
          Its messages are erased on every interface. This cannot be undone.
        </ConfirmDialog>
      )}
    </header>
  );
}

interface TitleInputProps {
  sessionId: string;
  title: string;
  onDone: () => void;
}

function TitleInput({ sessionId, title, onDone }: TitleInputProps) {
  const rename = useChatStore((state) => state.rename);
  const settled = useRef(false);

  const finish = (value: string | null) => {
    if (settled.current) return;
    settled.current = true;
    const next = value?.trim() ?? "";
    if (next !== "" && next !== title) void rename(sessionId, next);
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") finish(event.currentTarget.value);
    if (event.key === "Escape") finish(null);
  };

  return (
    <input
      className="title-input"
      aria-label="Name of the conversation"
      defaultValue={title}
      maxLength={MAX_TITLE}
      ref={(input) => input?.select()}
      onKeyDown={onKeyDown}
      onBlur={(event) => finish(event.currentTarget.value)}
    />
  );
}
