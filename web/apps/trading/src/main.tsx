import { useChatStore } from "@uchat/chat";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { takeContinueCode } from "./shell/route";
import { copyPlainFigures } from "./ui/copying";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/signin.css";
import "./styles/layout.css";
import "./styles/overlays.css";
import "./styles/thread.css";
import "./styles/empty.css";
import "./styles/sources.css";
import "./styles/composer.css";
import "./styles/markdown.css";
import "./styles/shell.css";
import "./styles/card.css";
import "./styles/card-actions.css";
import "./styles/dashboard.css";
import "./styles/holdings.css";
import "./styles/choices.css";
import "./styles/settings.css";
import "./styles/alerts.css";
import "./styles/widget.css";
import "./styles/narrow.css";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root");
const { start } = useChatStore.getState();
void start(takeContinueCode());
addEventListener("hashchange", () => {
  const code = takeContinueCode();
  if (code !== null) void start(code);
});
copyPlainFigures();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
