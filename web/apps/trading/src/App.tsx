import { useChatStore } from "@uchat/chat";
import { ChatScreen } from "./chat/ChatScreen";
import { SignInScreen } from "./signin/SignInScreen";

export function App() {
  const phase = useChatStore((state) => state.phase);
  return phase === "signed_in" ? <ChatScreen /> : <SignInScreen />;
}
