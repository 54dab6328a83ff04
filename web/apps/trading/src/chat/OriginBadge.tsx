const NAMES: Record<string, string> = {
  api: "API",
  telegram: "Telegram",
  widget: "the widget",
  mobile: "mobile",
  web_ui: "the dashboard",
  autonomous: "autopilot",
};

/** Says where a message was written, if not here. */
export function OriginBadge({ name }: { name: string | null }) {
  if (name === null || name === "web_chat") return null;
  return <span className="badge">from {NAMES[name] ?? name.replaceAll("_", " ")}</span>;
}
