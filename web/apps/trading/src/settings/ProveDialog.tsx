import { useChatStore } from "@uchat/chat";
import { useId, useState, type FormEvent } from "react";
import { Field } from "../signin/Field";

/** Asks for the password again before something is signed that holds for more than one order. */
export function ProveDialog() {
  const unproved = useChatStore((state) => state.unproved);
  return unproved === null ? null : <Dialog why={unproved.why} act={unproved.act} />;
}

function Dialog({ why, act }: { why: string; act: string }) {
  const prove = useChatStore((state) => state.prove);
  const titleId = useId();
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    const password = String(new FormData(event.currentTarget).get("password") ?? "");
    void prove(password).finally(() => setBusy(false));
  };
  return (
    <dialog
      className="dialog"
      aria-labelledby={titleId}
      ref={(dialog) => {
        if (dialog !== null && !dialog.open) dialog.showModal();
      }}
      onClose={() => void prove(null)}
    >
      <h2 id={titleId}>Is it you?</h2>
      <p className="dialog-text">{why}</p>
      <form className="account-form" onSubmit={submit}>
        <Field label="Password" name="password" type="password" autoComplete="current-password" />
        <div className="dialog-actions">
          <button className="button" type="button" onClick={() => void prove(null)}>
            Leave it
          </button>
          <button className="button primary" type="submit" disabled={busy}>
            {act}
          </button>
        </div>
      </form>
    </dialog>
  );
}
