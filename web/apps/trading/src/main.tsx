import { useChatStore } from "@uchat/chat";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./styles/base.css";
import "./styles/signin.css";
import "./styles/layout.css";
import "./styles/overlays.css";
import "./styles/thread.css";
import "./styles/empty.css";
import "./styles/sources.css";
import "./styles/composer.css";
import "./styles/markdown.css";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no #root");
useChatStore.getState().start();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
