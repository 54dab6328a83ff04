import { useChatStore } from "@uchat/chat";
import { useState } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Icon } from "../ui/Icon";

/** The brake: one tap and a confirmation stop everything that would trade. */
export function KillSwitchButton() {
  // Until it is known, it can be pulled: nobody looks for a brake and finds none.
  const on = useChatStore((state) => state.killSwitch?.on ?? false);
  const setKillSwitch = useChatStore((state) => state.setKillSwitch);
  const [asking, setAsking] = useState(false);

  return (
    <>
      <button
        type="button"
        className={on ? "button small resume" : "button small brake"}
        onClick={() => setAsking(true)}
      >
        <Icon name="power" />
        {on ? "Resume trading" : "Stop all trading"}
      </button>
      {asking && (
        <ConfirmDialog
          title={on ? "Let trading go on?" : "Stop all trading?"}
          keep={on ? "Keep it stopped" : "Keep trading"}
          act={on ? "Resume trading" : "Stop trading now"}
          harmless={on}
          onAct={() => void setKillSwitch(!on)}
          onDone={() => setAsking(false)}
        >
          {on
            ? "Approved orders are placed again, and mandates are used again."
            : "No order is placed from this moment on, whoever approves it and wherever. " +
              "What you own stays as it is. You can resume at any time."}
        </ConfirmDialog>
      )}
    </>
  );
}
