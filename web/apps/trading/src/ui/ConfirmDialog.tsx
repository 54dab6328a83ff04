import { useId, type ReactNode } from "react";

interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  /** What leaves things as they are. */
  keep: string;
  act: string;
  /** What is done can be undone and harms nobody. */
  harmless?: boolean;
  onAct: () => void;
  onDone: () => void;
}

/** Asks before something that one might regret. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, keep, act, harmless = false, onAct, onDone } = props;
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
      <div className="dialog-text">{children}</div>
      <form method="dialog" className="dialog-actions">
        <button className="button" type="submit">
          {keep}
        </button>
        <button
          className={harmless ? "button primary" : "button danger"}
          type="submit"
          onClick={onAct}
        >
          {act}
        </button>
      </form>
    </dialog>
  );
}
