/** The interfaces by the names that people use. */
const NAMES: Readonly<Record<string, string>> = {
  api: "the API",
  telegram: "Telegram",
  widget: "the widget",
  mobile: "mobile",
  web_chat: "the web chat",
  web_ui: "the dashboard",
  autonomous: "autopilot",
};

export function interfaceName(name: string): string {
  return NAMES[name] ?? name.replaceAll("_", " ");
}
