import { useChatStore } from "@uchat/chat";
import { useEffect, useState } from "react";
import { ConnectionBanner } from "../chat/ConnectionBanner";
import { ProblemBar } from "../chat/ProblemBar";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Limits } from "./Limits";
import { Links } from "./Links";
import { Mandates } from "./Mandates";

/** Where one's other interfaces, limits and account are kept. */
export function SettingsPage() {
  const loadLinks = useChatStore((state) => state.loadLinks);
  useEffect(() => {
    void loadLinks();
  }, [loadLinks]);

  return (
    <div className="settings-frame">
      <ConnectionBanner />
      <ProblemBar />
      <main className="settings">
        <h1>Settings</h1>
        <Links />
        <Mandates />
        <Limits />
        <Account />
      </main>
    </div>
  );
}

function Account() {
  const account = useChatStore((state) => state.account);
  const signOut = useChatStore((state) => state.signOut);
  const linked = useChatStore((state) => state.links.some((link) => link.state === "active"));
  const [asking, setAsking] = useState(false);
  const guest = (account?.guest ?? false) && !linked;
  return (
    <section className="panel" aria-labelledby="account-title">
      <header className="panel-head">
        <h2 id="account-title">Account</h2>
      </header>
      <div className="control-row">
        <p>
          <strong>{account?.name || "Guest"}</strong>
          <span>
            {guest ? "A guest's account lives in this browser only." : "Signed in on this browser."}
          </span>
        </p>
        <button type="button" className="button small" onClick={() => setAsking(true)}>
          Sign out
        </button>
      </div>
      {asking && (
        <ConfirmDialog
          title="Sign out here?"
          keep="Stay"
          act="Leave"
          onAct={() => void signOut()}
          onDone={() => setAsking(false)}
        >
          {guest
            ? "A guest has no e-mail and no password: once you leave, nobody can open this again."
            : "Your conversations stay where they are, on all your other interfaces."}
        </ConfirmDialog>
      )}
    </section>
  );
}
