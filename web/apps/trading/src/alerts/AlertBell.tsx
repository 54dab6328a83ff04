import { isActive, useChatStore } from "@uchat/chat";
import { Icon } from "../ui/Icon";

/** Leads to one's alerts and says how many there are. */
export function AlertBell() {
  const active = useChatStore((state) => state.alerts.filter(isActive).length);
  const name = active === 0 ? "Alerts" : `Alerts: ${active} set`;
  return (
    <a className="icon-button alert-bell" href="#/settings" aria-label={name} title={name}>
      <Icon name="bell" />
      {active > 0 && <span aria-hidden="true">{active}</span>}
    </a>
  );
}
