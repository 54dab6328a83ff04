import { useChatStore } from "@uchat/chat";
import { useCallback, useState } from "react";
import { Composer } from "./Composer";
import { ConnectionBanner } from "./ConnectionBanner";
import { Header } from "./Header";
import { ProblemBar } from "./ProblemBar";
import { Sidebar } from "./Sidebar";
import { Thread } from "./Thread";

/** The AI Money Manager: whole conversations, each with its history and its mode. */
export function ConversationalTradingInterface() {
  const sessionId = useChatStore((state) => state.sessionId);
  const [drawer, setDrawer] = useState(false);
  const close = useCallback(() => setDrawer(false), []);

  return (
    <div className="screen" data-drawer={drawer}>
      <Sidebar open={drawer} onClose={close} />
      <main className="main">
        <Header onMenu={() => setDrawer(true)} />
        <ConnectionBanner />
        <ProblemBar />
        <Thread key={sessionId ?? ""} />
        <Composer />
      </main>
    </div>
  );
}
