import type {
  DeltaFrame,
  Ev,
  Fill,
  History,
  LiveFrom,
  LogEntry,
  RunFrame,
  Snap,
  SnapFrame,
  SubOk,
  Subscription,
} from "@uchat/contracts";
import type { Cancel, Clock } from "./clock";
import { emptyView, entryOf, fold, viewOf, withOlder, type LogView } from "./log-view";
import { applyDelta, applyRunFrame, applySnap, noRuns, withoutRun, type Runs } from "./runs";

/** A lost answer to fill or snap is asked for again after this time. */
const ASK_AGAIN_MS = 2_000;

/**
 * One log as this client follows it: the guard of what may be applied.
 *
 * Frames may come twice, late or not at all; whatever comes, the view is a prefix of the log and a
 * running answer is a prefix of its text.
 */
export class FollowedLog {
  view: LogView;
  runs: Runs = noRuns;
  /** All that was missed has come; what follows is live. */
  live = false;

  readonly #ask: (frame: Fill | Snap) => void;
  readonly #clock: Clock;
  readonly #parked = new Map<number, Ev>();
  readonly #finished = new Set<string>();
  readonly #asked = new Map<string, Cancel>();
  /** The highest seq that is known to exist. */
  #head = 0;

  constructor(log: string, clock: Clock, ask: (frame: Fill | Snap) => void) {
    this.view = emptyView(log);
    this.#clock = clock;
    this.#ask = ask;
  }

  /** What to say on connecting: where this client left off. */
  subscription(): Subscription {
    const { log, epoch, seq } = this.view;
    return epoch === "" ? { log } : { log, epoch, seq };
  }

  /** The connection is gone: answers to what was asked will not come. */
  disconnected(): void {
    this.live = false;
    this.#head = 0;
    this.#parked.clear();
    for (const cancel of this.#asked.values()) cancel();
    this.#asked.clear();
  }

  /** Returns whether another epoch began, that is, all that was known is void. */
  subscribed(frame: SubOk): boolean {
    const known = this.view.epoch;
    const newEpoch = known !== "" && known !== frame.epoch;
    if (frame.mode === "snapshot" && frame.state) {
      this.view = viewOf(frame.state);
      if (newEpoch) {
        this.runs = noRuns;
        this.#parked.clear();
        this.#finished.clear();
      }
      for (const entry of this.view.entries) this.#settle(entry);
      this.#advance();
    } else {
      this.view = { ...this.view, epoch: frame.epoch };
    }
    for (const run of frame.live) {
      if (!this.#finished.has(run.message_id)) this.runs = applySnap(this.runs, run);
    }
    return newEpoch;
  }

  event(event: Ev): void {
    if (this.view.epoch === "" || event.seq <= this.view.seq) return;
    this.#parked.set(event.seq, event);
    this.#head = Math.max(this.#head, event.seq);
    this.#advance();
  }

  /** The server's head: `live` after a subscription, or learnt from an ack. */
  head(frame: Pick<LiveFrom, "seq">): void {
    this.#head = Math.max(this.#head, frame.seq);
    this.#advance();
  }

  delta(frame: DeltaFrame): void {
    if (this.#finished.has(frame.message_id)) return;
    const [runs, outcome] = applyDelta(this.runs, frame);
    this.runs = runs;
    if (outcome === "snap") {
      const { log, message_id } = frame;
      this.#askOnce(`snap:${message_id}`, { t: "snap", log, message_id });
    }
  }

  run(frame: RunFrame): void {
    if (this.#finished.has(frame.message_id)) return;
    this.runs = applyRunFrame(this.runs, frame);
  }

  snap(frame: SnapFrame): void {
    this.#answered(`snap:${frame.message_id}`);
    if (!this.#finished.has(frame.message_id)) this.runs = applySnap(this.runs, frame);
  }

  /** What history returned of the time before. A page of another epoch is void. */
  older(page: History): void {
    const { epoch } = this.view;
    if (page.epoch !== epoch) return;
    const entries = page.entries.map((entry) => entryOf(entry, epoch));
    this.view = withOlder(this.view, entries);
  }

  /** The server knows of no such running answer: its message has come or comes. */
  notRunning(messageId: string): void {
    this.#answered(`snap:${messageId}`);
  }

  #advance(): void {
    for (;;) {
      const next = this.#parked.get(this.view.seq + 1);
      if (next === undefined) break;
      const entry = entryOf(next, this.view.epoch);
      this.view = fold(this.view, entry)[0];
      this.#settle(entry);
    }
    for (const seq of this.#parked.keys()) if (seq <= this.view.seq) this.#parked.delete(seq);
    if (this.view.seq >= this.#head) this.#answered("fill");
    else this.#fill();
  }

  #settle(entry: LogEntry): void {
    const id = entry.data["message_id"];
    if (entry.kind !== "message" || typeof id !== "string") return;
    this.#finished.add(id);
    this.#answered(`snap:${id}`);
    this.runs = withoutRun(this.runs, id);
  }

  #fill(): void {
    const to = Math.min(this.#head, ...Array.from(this.#parked.keys(), (seq) => seq - 1));
    this.#askOnce("fill", { t: "fill", log: this.view.log, after: this.view.seq, to });
  }

  #askOnce(key: string, frame: Fill | Snap): void {
    if (this.#asked.has(key)) return;
    const again = () => {
      this.#asked.delete(key);
      if (frame.t === "snap") this.#askOnce(key, frame);
      else this.#advance();
    };
    this.#asked.set(key, this.#clock.after(ASK_AGAIN_MS, again));
    this.#ask(frame);
  }

  #answered(key: string): void {
    this.#asked.get(key)?.();
    this.#asked.delete(key);
  }
}
