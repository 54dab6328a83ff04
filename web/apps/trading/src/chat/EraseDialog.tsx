import { useChatStore } from "@uchat/chat";

interface EraseDialogProps {
  sessionId: string;
  title: string;
  onDone: () => void;
}

/** Asks before a conversation goes for good. */
export function EraseDialog({ sessionId, title, onDone }: EraseDialogProps) {
  const erase = useChatStore((state) => state.erase);
  return (
    <dialog
      className="dialog"
      aria-labelledby="erase-title"
      ref={(dialog) => {
        if (dialog !== null && !dialog.open) dialog.showModal();
      }}
      onClose={onDone}
    >
      <h2 id="erase-title">Delete “{title}”?</h2>
      <p>Its messages are erased on every interface. This cannot be undone.</p>
      <form method="dialog" className="dialog-actions">
        <button className="button" type="submit">
          Keep it
        </button>
        <button className="button danger" type="submit" onClick={() => void erase(sessionId)}>
          Delete
        </button>
      </form>
    </dialog>
  );
}
