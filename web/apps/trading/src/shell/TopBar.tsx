import { AlertBell } from "../alerts/AlertBell";
import { Mark } from "../ui/Icon";
import { KillSwitchButton } from "./KillSwitchButton";
import { MainNav } from "./MainNav";
import type { Route } from "./route";
import { SyncState } from "./SyncState";

export function TopBar({ route }: { route: Route }) {
  return (
    <header className="topbar">
      <div className="topbar-brand">
        <Mark />
        <span>Unified Chat</span>
      </div>
      <MainNav route={route} place="top" />
      <div className="topbar-end">
        <SyncState />
        <AlertBell />
        <KillSwitchButton />
      </div>
    </header>
  );
}
