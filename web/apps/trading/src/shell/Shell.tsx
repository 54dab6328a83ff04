import { useChatStore } from "@uchat/chat";
import { lazy, Suspense, useLayoutEffect } from "react";
import { Notices } from "../alerts/Notices";
import { ConversationalTradingInterface } from "../chat/ConversationalTradingInterface";
import { useDocumentTitle } from "../chat/useDocumentTitle";
import { ContinueNotice } from "../signin/ContinueNotice";
import { useRoute, type Route } from "./route";
import { MainNav } from "./MainNav";
import { TopBar } from "./TopBar";

const DashboardPage = lazy(async () => {
  const page = await import("../dashboard/DashboardPage");
  return { default: page.DashboardPage };
});
const SettingsPage = lazy(async () => {
  const page = await import("../settings/SettingsPage");
  return { default: page.SettingsPage };
});

/** Everything around the pages; the store and its one connection outlive each of them. */
export function Shell() {
  const route = useRoute();
  const setSurface = useChatStore((state) => state.setSurface);
  const surface = route === "dashboard" ? "widget" : "web_chat";
  useDocumentTitle();
  useLayoutEffect(() => setSurface(surface), [setSurface, surface]);

  return (
    <div className="shell" data-route={route}>
      <TopBar route={route} />
      <div className="page">
        <Suspense fallback={<div className="page-loading" role="status" aria-label="Loading" />}>
          <Page route={route} />
        </Suspense>
      </div>
      <MainNav route={route} place="bottom" />
      <ContinueNotice />
      <Notices />
    </div>
  );
}

function Page({ route }: { route: Route }) {
  switch (route) {
    case "dashboard":
      return <DashboardPage />;
    case "settings":
      return <SettingsPage />;
    case "chat":
      return <ConversationalTradingInterface />;
  }
}
