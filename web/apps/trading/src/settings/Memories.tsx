import { useChatStore } from "@uchat/chat";
import type { MemoryInfo } from "@uchat/contracts";
import { useEffect, useState } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { interfaceName } from "../ui/interfaces";
import { whenShort } from "../ui/time";

const KINDS: Readonly<Record<string, string>> = {
  name: "Name",
  amount: "Money",
  holding: "Holding",
  goal: "Goal",
  interest: "Interest",
  risk: "Risk",
  note: "Note",
  about: "About you",
};

/** What one has told the assistant about oneself, and how it is taken back. */
export function Memories() {
  const memories = useChatStore((store) => store.memories);
  const state = useChatStore((store) => store.memoriesState);
  const next = useChatStore((store) => store.memoriesNext);
  const load = useChatStore((store) => store.loadMemories);
  const more = useChatStore((store) => store.loadMoreMemories);
  useEffect(() => {
    void load();
  }, [load]);
  return (
    <section className="panel" aria-labelledby="memories-title">
      <header className="panel-head">
        <h2 id="memories-title">What I remember of you</h2>
        {memories.length > 0 && <ForgetAll />}
      </header>
      <p className="panel-lead">
        From your own words, in all of your conversations. What you delete here is forgotten on
        every interface; the message itself stays until you delete its conversation.
      </p>
      <ul className="rows" aria-label="What is remembered">
        {memories.map((memory) => (
          <MemoryRow key={memory.memory_id} memory={memory} />
        ))}
      </ul>
      {state === "failed" && <p className="panel-empty">This could not be loaded.</p>}
      {state === "ready" && memories.length === 0 && next === null && (
        <p className="panel-empty">Nothing yet. Tell the assistant “my goal is …”.</p>
      )}
      {next !== null && (
        <button type="button" className="button small" onClick={() => void more()}>
          Show more
        </button>
      )}
    </section>
  );
}

function ForgetAll() {
  const forget = useChatStore((state) => state.forgetMemory);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Forget everything
      </button>
      {asking && (
        <ConfirmDialog
          title="Forget everything?"
          keep="Keep it"
          act="Forget everything"
          onAct={() => void forget(null)}
          onDone={() => setAsking(false)}
        >
          What you told about yourself is forgotten in all of your conversations.
        </ConfirmDialog>
      )}
    </>
  );
}

function MemoryRow({ memory }: { memory: MemoryInfo }) {
  const forget = useChatStore((state) => state.forgetMemory);
  const [busy, setBusy] = useState(false);
  const name = `${KINDS[memory.kind] ?? memory.kind}: ${memory.value}`;
  const remove = () => {
    setBusy(true);
    void forget(memory.memory_id).finally(() => setBusy(false));
  };
  return (
    <li className="control-row">
      <p>
        <strong>{name}</strong>
        <span>
          “{memory.text}” · {interfaceName(memory.interface)},{" "}
          {whenShort(Date.parse(memory.at))}
        </span>
      </p>
      <button
        type="button"
        className="button small"
        aria-label={`Delete: ${name}`}
        disabled={busy}
        onClick={remove}
      >
        Delete
      </button>
    </li>
  );
}
