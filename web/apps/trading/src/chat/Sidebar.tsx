import { titleOf, useChatStore, type Session } from "@uchat/chat";
import { useEffect, useState } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Icon } from "../ui/Icon";
import { whenShort } from "../ui/time";

interface SidebarProps {
  open: boolean;
  onClose: () => void;
}

/** The conversations; on a narrow screen a drawer over the thread. */
export function Sidebar({ open, onClose }: SidebarProps) {
  const sessions = useChatStore((state) => state.sessions);
  const current = useChatStore((state) => state.sessionId);
  const openSession = useChatStore((state) => state.openSession);
  const newSession = useChatStore((state) => state.newSession);

  useEffect(() => {
    if (!open) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape") onClose();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [open, onClose]);

  return (
    <>
      <button type="button" className="scrim" aria-label="Close conversations" onClick={onClose} />
      <nav className="sidebar" aria-label="Conversations">
        <button
          type="button"
          className="button wide new"
          onClick={() => {
            onClose();
            void newSession();
          }}
        >
          <Icon name="plus" />
          New conversation
        </button>
        <ul className="sessions">
          {sessions
            .filter((session) => !session.archived)
            .map((session) => (
              <li key={session.id}>
                <SessionButton
                  session={session}
                  current={session.id === current}
                  onOpen={() => {
                    onClose();
                    openSession(session.id);
                  }}
                />
              </li>
            ))}
        </ul>
        <AccountRow />
      </nav>
    </>
  );
}

interface SessionButtonProps {
  session: Session;
  current: boolean;
  onOpen: () => void;
}

function SessionButton({ session, current, onOpen }: SessionButtonProps) {
  return (
    <button
      type="button"
      className="session"
      aria-current={current ? "page" : undefined}
      onClick={onOpen}
    >
      <span className="session-title">{titleOf(session)}</span>
      <time className="session-time" dateTime={session.updatedAt}>
        {whenShort(Date.parse(session.updatedAt))}
      </time>
    </button>
  );
}

function AccountRow() {
  const account = useChatStore((state) => state.account);
  const signOut = useChatStore((state) => state.signOut);
  const [asking, setAsking] = useState(false);
  const guest = account?.guest ?? false;
  return (
    <div className="account">
      <span className="account-name">{account?.name || (guest ? "Guest" : "")}</span>
      <button
        type="button"
        className="icon-button"
        aria-label="Sign out"
        onClick={() => (guest ? setAsking(true) : void signOut())}
      >
        <Icon name="leave" />
      </button>
      {asking && (
        <ConfirmDialog
          title="Leave as a guest?"
          keep="Stay"
          act="Leave"
          onAct={() => void signOut()}
          onDone={() => setAsking(false)}
        >
          A guest has no e-mail and no password: once you leave, nobody can open these conversations
          again.
        </ConfirmDialog>
      )}
    </div>
  );
}
