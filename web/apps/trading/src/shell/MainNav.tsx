import { useChatStore } from "@uchat/chat";
import { Icon, type IconName } from "../ui/Icon";
import type { Route } from "./route";

const PAGES: readonly { route: Route; name: string; icon: IconName }[] = [
  { route: "dashboard", name: "Dashboard", icon: "chart" },
  { route: "chat", name: "AI Money Manager", icon: "chat" },
  { route: "settings", name: "Settings", icon: "settings" },
];

interface MainNavProps {
  route: Route;
  /** In the bar at the top of a wide screen, or at the bottom of a phone. */
  place: "top" | "bottom";
}

/** The pages. Of the two places a style sheet shows one, and hides the other altogether. */
export function MainNav({ route, place }: MainNavProps) {
  const waiting = useChatStore((state) => state.awaiting.length);
  return (
    <nav className={`main-nav ${place}`} aria-label="Main">
      {PAGES.map((page) => (
        <a
          key={page.route}
          href={`#/${page.route}`}
          className="main-nav-link"
          aria-current={page.route === route ? "page" : undefined}
        >
          <Icon name={page.icon} />
          <span>{page.name}</span>
          {page.route === "dashboard" && waiting > 0 && (
            <span className="count">
              {waiting}
              <span className="visually-hidden"> waiting for you</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
