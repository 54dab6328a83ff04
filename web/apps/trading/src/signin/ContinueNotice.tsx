import { useChatStore } from "@uchat/chat";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { ContinueFailure } from "./ContinueFailure";

/** What came of "Continue on the web" where somebody is signed in already. */
export function ContinueNotice() {
  const continuation = useChatStore((state) => state.continuation);
  const settle = useChatStore((state) => state.settleContinuation);

  if (continuation.state === "failed") {
    return (
      <dialog
        className="dialog"
        aria-labelledby="continue-title"
        ref={(dialog) => {
          if (dialog !== null && !dialog.open) dialog.showModal();
        }}
        onClose={() => settle(false)}
      >
        <ContinueFailure failure={continuation} onLeave={() => settle(false)} leave="Go on here" />
      </dialog>
    );
  }
  if (continuation.state !== "other_account") return null;
  return (
    <ConfirmDialog
      title="Switch to the other account?"
      keep="Stay here"
      act="Switch"
      onAct={() => settle(true)}
      onDone={() => settle(false)}
    >
      The link belongs to another account than the one that is signed in on this browser. A guest's
      account that you leave cannot be opened again.
    </ConfirmDialog>
  );
}
