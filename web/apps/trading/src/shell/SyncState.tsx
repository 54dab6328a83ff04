import { useChatStore, type CrossPlatformSync } from "@uchat/chat";
import { interfaceName } from "../ui/interfaces";
import { whenShort } from "../ui/time";

const NAMES: Readonly<Record<CrossPlatformSync["state"], string>> = {
  live: "In sync",
  catching_up: "Catching up",
  away: "Not connected",
};

/** How this window stands to the other interfaces of the same conversation. */
export function SyncState() {
  const sync = useChatStore((state) => state.crossPlatformSync);
  const { lastElsewhere: last } = sync;
  const title =
    last === null
      ? "Everything that happens on your other interfaces is shown here"
      : `Last from ${interfaceName(last.interface)}, ${whenShort(last.at)}`;
  return (
    <span className="sync" data-state={sync.state} title={title}>
      <span className="sync-dot" aria-hidden="true" />
      {NAMES[sync.state]}
    </span>
  );
}
