import { useChatStore } from "@uchat/chat";
import { useEffect } from "react";
import { ConnectionBanner } from "../chat/ConnectionBanner";
import { ProblemBar } from "../chat/ProblemBar";
import { Account } from "./Account";
import { Alerts } from "./Alerts";
import { DailySummary } from "./DailySummary";
import { Exchanges } from "./Exchanges";
import { Figures } from "./Figures";
import { Limits } from "./Limits";
import { Links } from "./Links";
import { Mandates } from "./Mandates";
import { Memories } from "./Memories";
import { OperationMode } from "./OperationMode";
import { ProveDialog } from "./ProveDialog";

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
        <Alerts />
        <DailySummary />
        <OperationMode />
        <Mandates />
        <Exchanges />
        <Limits />
        <Figures />
        <Memories />
        <Account />
      </main>
      <ProveDialog />
    </div>
  );
}
