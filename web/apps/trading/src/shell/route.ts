import { useSyncExternalStore } from "react";

/** The pages, by the fragment of the address; the conversation is the first thing one sees. */
export const ROUTES = ["chat", "dashboard", "settings"] as const;
export type Route = (typeof ROUTES)[number];

const CONTINUE = /^#continue=([^&]+)$/;

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}

export function goTo(route: Route): void {
  location.hash = `#/${route}`;
}

/**
 * The one-time code behind "Continue on the web", if the page was opened by it.
 *
 * It leaves the address at once: it is a key, and addresses are kept and shared.
 */
export function takeContinueCode(): string | null {
  const [, code] = CONTINUE.exec(location.hash) ?? [];
  if (code === undefined) return null;
  history.replaceState(null, "", `${location.pathname}${location.search}#/chat`);
  return decodeURIComponent(code);
}

function subscribe(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

function current(): Route {
  const name = location.hash.replace(/^#\//, "");
  return ROUTES.find((route) => route === name) ?? "chat";
}
