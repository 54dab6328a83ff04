/** Answers that are being written right now. Pure, like the log they end up in. */
import type { DeltaFrame, LiveRun, RunFrame, SnapFrame } from "@uchat/contracts";

export interface Run {
  readonly messageId: string;
  readonly runId: string;
  readonly text: string;
  /** Index of the next chunk. */
  readonly nextI: number;
  /** What the assistant is doing, a tool's name, while no text comes. */
  readonly step: string | null;
}

export type Runs = ReadonlyMap<string, Run>;
export type DeltaOutcome = "applied" | "ignored" | "snap";

export const noRuns: Runs = new Map();

/** Apply a delta if and only if it starts at the next chunk; else `snap` asks for the whole. */
export function applyDelta(runs: Runs, delta: DeltaFrame): [Runs, DeltaOutcome] {
  const run = runs.get(delta.message_id);
  const fresh = run === undefined || delta.reset || run.runId !== delta.run_id;
  const nextI = fresh ? 0 : run.nextI;
  if (delta.i + delta.n <= nextI) return [runs, "ignored"];
  if (delta.i !== nextI) return [runs, "snap"];
  return [
    put(runs, {
      messageId: delta.message_id,
      runId: delta.run_id,
      text: (fresh ? "" : run.text) + delta.text,
      nextI: delta.i + delta.n,
      step: null,
    }),
    "applied",
  ];
}

export function applyRunFrame(runs: Runs, frame: RunFrame): Runs {
  const run = runs.get(frame.message_id);
  if (frame.phase === "finished") {
    return run === undefined || run.text !== "" ? runs : withoutRun(runs, frame.message_id);
  }
  const same = run !== undefined && run.runId === frame.run_id;
  const base = same
    ? run
    : { messageId: frame.message_id, runId: frame.run_id, text: "", nextI: 0, step: null };
  return put(runs, { ...base, step: frame.step ?? base.step });
}

/** The running answer so far, as the server tells it, unless more of the same is known. */
export function applySnap(runs: Runs, snap: SnapFrame | LiveRun): Runs {
  const run = runs.get(snap.message_id);
  if (run !== undefined && run.runId === snap.run_id && run.nextI >= snap.next_i) return runs;
  return put(runs, {
    messageId: snap.message_id,
    runId: snap.run_id,
    text: snap.text,
    nextI: snap.next_i,
    step: run?.step ?? null,
  });
}

export function withoutRun(runs: Runs, messageId: string): Runs {
  if (!runs.has(messageId)) return runs;
  const rest = new Map(runs);
  rest.delete(messageId);
  return rest;
}

function put(runs: Runs, run: Run): Runs {
  return new Map(runs).set(run.messageId, run);
}
