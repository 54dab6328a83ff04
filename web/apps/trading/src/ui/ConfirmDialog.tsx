import { useId, type ReactNode } from "react";

interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  /** What leaves things as they are. */
  keep: string;
  act: string;
  onAct: () => void;
  onDone: () => void;
}

/** Asks before something goes for good. */
export function ConfirmDialog({ title, children, keep, act, onAct, onDone }: ConfirmDialogProps) {
  const titleId = useId();
  return (
    <dialog
      className="dialog"
      aria-labelledby={titleId}
      ref={(dialog) => {
        if (dialog !== null && !dialog.open) dialog.showModal();
      }}
      onClose={onDone}
    >
      <h2 id={titleId}>{title}</h2>
      <p>{children}</p>
      <form method="dialog" className="dialog-actions">
        <button className="button" type="submit">
          {keep}
        </button>
        <button className="button danger" type="submit" onClick={onAct}>
          {act}
        </button>
      </form>
    </dialog>
  );
}
