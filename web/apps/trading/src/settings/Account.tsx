import { useChatStore } from "@uchat/chat";
import { useState, type FormEvent } from "react";
import { Field, NEW_PASSWORD } from "../signin/Field";
import { ConfirmDialog } from "../ui/ConfirmDialog";

/** Who one is here, and how to come back. */
export function Account() {
  const account = useChatStore((state) => state.account);
  const signOut = useChatStore((state) => state.signOut);
  const linked = useChatStore((state) => state.links.some((link) => link.state === "active"));
  const [asking, setAsking] = useState(false);
  const guest = account?.guest ?? false;
  const last = guest && !linked;
  return (
    <section className="panel" aria-labelledby="account-title">
      <header className="panel-head">
        <h2 id="account-title">Account</h2>
      </header>
      <div className="control-row">
        <p>
          <strong>{account?.name || "Guest"}</strong>
          <span>{guest ? "No e-mail and password yet." : "Signed in on this browser."}</span>
        </p>
        <button type="button" className="button small" onClick={() => setAsking(true)}>
          Sign out
        </button>
      </div>
      {guest && <Credentials />}
      {asking && (
        <ConfirmDialog
          title="Sign out here?"
          keep="Stay"
          act="Leave"
          onAct={() => void signOut()}
          onDone={() => setAsking(false)}
        >
          {last
            ? "A guest has no e-mail and no password: once you leave, nobody can open this again."
            : "Your conversations stay where they are, on all your other interfaces."}
        </ConfirmDialog>
      )}
    </section>
  );
}

function Credentials() {
  const upgrade = useChatStore((state) => state.upgrade);
  const [busy, setBusy] = useState(false);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const value = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    void upgrade(value("name"), value("email"), value("password")).finally(() => setBusy(false));
  };

  return (
    <details className="credentials">
      <summary>Keep this account: add an e-mail and a password</summary>
      <form className="account-form" onSubmit={submit}>
        <Field label="Name" name="name" autoComplete="name" maxLength={200} required={false} />
        <Field label="E-mail" name="email" type="email" autoComplete="email" />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          {...NEW_PASSWORD}
        />
        <button className="button primary" type="submit" disabled={busy}>
          Keep the account
        </button>
      </form>
    </details>
  );
}
