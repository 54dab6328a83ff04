import { useChatStore } from "@uchat/chat";
import { useEffect } from "react";
import { ConnectionBanner } from "../chat/ConnectionBanner";
import { ProblemBar } from "../chat/ProblemBar";
import { InterfaceContext } from "../ui/surface";
import { ChatWidget } from "../widget/ChatWidget";
import { Activity } from "./Activity";
import { Allocation } from "./Allocation";
import { Holdings } from "./Holdings";
import { OrderTicket } from "./OrderTicket";
import { PendingCards } from "./PendingCards";
import { PortfolioValue } from "./PortfolioValue";
import { Results } from "./Results";
import { Safety } from "./Safety";

/** What one owns, what waits for an answer, and what may trade by itself. */
export function DashboardPage() {
  const watchPortfolio = useChatStore((state) => state.watchPortfolio);
  useEffect(() => watchPortfolio(), [watchPortfolio]);

  return (
    <div className="dashboard-frame">
      <InterfaceContext value="web_ui">
        <ConnectionBanner />
        <ProblemBar />
        <main className="dashboard">
          <h1 className="visually-hidden">Dashboard</h1>
          <PendingCards />
          <section className="dashboard-portfolio" aria-label="Portfolio">
            <PortfolioValue />
            <Allocation />
            <Holdings />
            <Results />
          </section>
          <div className="dashboard-side">
            <Safety />
            <OrderTicket />
            <Activity />
          </div>
        </main>
      </InterfaceContext>
      <ChatWidget />
    </div>
  );
}
