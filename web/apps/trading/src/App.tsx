import { useChatStore } from "@uchat/chat";
import { Shell } from "./shell/Shell";
import { ContinueScreen } from "./signin/ContinueScreen";
import { SignInScreen } from "./signin/SignInScreen";

export function App() {
  const phase = useChatStore((state) => state.phase);
  const continuing = useChatStore((state) => state.continuation.state);
  if (continuing === "working") return <ContinueScreen />;
  if (phase === "signed_in") return <Shell />;
  return continuing === "failed" ? <ContinueScreen /> : <SignInScreen />;
}
