import type { Ack, Card } from "@uchat/contracts";
import { ApiError, newUlid, type Answer } from "@uchat/client";
import { answerTo, isAwaiting, wishOf, type Choice, type OwnAnswer } from "./cards";
import type { ChatController } from "./controller";
import { withKillSwitch, withMandate } from "./outcomes";
import { sentenceOf } from "./problems";
import type { Screen } from "./screen";
import type { TradingActions } from "./trading-state";

type Attempt = (task: () => Promise<unknown>) => Promise<boolean>;

interface Outcome {
  status: Ack["status"] | null;
  card: Card | null;
  problem: string | null;
}

export function tradingActions(
  controller: ChatController,
  screen: Screen,
  attempt: Attempt,
): TradingActions {
  const { trading, clock } = controller.services;
  const { desk } = controller;
  const decide = decider(controller, screen);

  return {
    decide,
    quoteAgain(id, iface) {
      const card = screen.get().cards[id];
      if (card === undefined) return;
      const mode = screen.get().currentMode;
      controller.connection?.sender.write(card.session_id, wishOf(card), mode, iface);
      controller.flush();
    },
    needCard: (id) => void desk.needCard(id),
    watchPortfolio: () => desk.watch(),
    reloadTrading() {
      screen.set({ portfolioState: "loading", activityState: "loading" });
      desk.load();
    },
    setPeriod(period) {
      screen.set({ period, pnl: null });
      void desk.loadPnl();
    },
    async setKillSwitch(on) {
      await attempt(async () => {
        const answer = await trading.setKillSwitch(on);
        screen.set(withKillSwitch(screen.get(), answer));
      });
    },
    grantMandate: (mandate) =>
      attempt(async () => {
        const opId = `op-${newUlid(clock.now())}`;
        const granted = await trading.grantMandate({ op_id: opId, ...mandate });
        screen.set({ mandates: withMandate(screen.get().mandates, granted) });
      }),
    async revokeMandate(id) {
      await attempt(async () => {
        const revoked = await trading.revokeMandate(id);
        screen.set({ mandates: withMandate(screen.get().mandates, revoked) });
      });
    },
    ...linkActions(controller, screen, attempt),
  };
}

function linkActions(controller: ChatController, screen: Screen, attempt: Attempt) {
  const { trading } = controller.services;
  const loadLinks = async () => {
    try {
      screen.set({ links: (await trading.links()).links, linksState: "ready" });
    } catch {
      if (screen.get().linksState === "loading") screen.set({ linksState: "failed" });
    }
  };
  const changed = async (task: () => Promise<unknown>) => {
    if (await attempt(task)) await loadLinks();
  };
  return {
    loadLinks,
    offerLink: () => changed(async () => screen.set({ linkOffer: await trading.linkTelegram() })),
    confirmLink: (id: string, mayApprove: boolean) =>
      changed(() => trading.confirmLink(id, mayApprove)),
    unlink: (id: string) => changed(() => trading.unlink(id)),
  };
}

/** Answers decisions: over the live connection, else by HTTP under the same op_id. */
function decider(controller: ChatController, screen: Screen): TradingActions["decide"] {
  const { trading, clock } = controller.services;
  const note = (id: string, answer: OwnAnswer) =>
    screen.set({ answers: { ...screen.get().answers, [id]: answer } });

  async function ask(answer: Answer): Promise<Outcome> {
    const ack = (await controller.connection?.decide(answer)) ?? null;
    if (ack !== null) return outcomeOf(ack.status, ack.canonical ?? null, ack.code ?? null);
    try {
      const { status, decision } = await trading.decide(answer);
      return outcomeOf(status, decision, null);
    } catch (error) {
      return refusal(error);
    }
  }

  return async (id: string, choice: Choice, iface: string) => {
    const { cards, answers } = screen.get();
    const card = cards[id];
    const planHash = card?.plan_hash;
    if (card === undefined || !planHash || !isAwaiting(card)) return;
    const before = answerTo(card, answers[id]);
    if (before !== null && before.state !== "failed") return;
    // The same answer again keeps its name, so that it is counted once.
    const opId = before?.choice === choice ? before.opId : `op-${newUlid(clock.now())}`;
    const answer = { choice, planHash, opId };
    note(id, { ...answer, state: "sending", status: null, problem: null });
    const outcome = await ask({ decision_id: id, choice, plan_hash: planHash, op_id: opId, iface });
    const state = outcome.problem === null ? "recorded" : "failed";
    note(id, { ...answer, state, status: outcome.status, problem: outcome.problem });
    if (outcome.card !== null) controller.desk.put([outcome.card]);
  };
}

function outcomeOf(status: Ack["status"], card: Card | null, code: string | null): Outcome {
  const refused = status === "forbidden" || status === "rejected";
  const problem = refused ? sentenceOf(new ApiError(403, code ?? "not_permitted", "")) : null;
  return { status, card, problem };
}

/** It may have been taken all the same: the connection fell silent after it was sent. */
const UNHEARD =
  "The server did not answer. Your choice may have arrived; press again, it counts only once.";

const SETTLED = ["already_resolved", "expired", "superseded"] as const;

/** A refusal that tells how the decision stands is an outcome; any other is a failure. */
function refusal(error: unknown): Outcome {
  const { code, members } = error instanceof ApiError ? error : { code: "", members: {} };
  const status = SETTLED.find((known) => known === code) ?? null;
  const card = "decision" in members ? (members.decision as Card) : null;
  if (code === "network") return { status: null, card: null, problem: UNHEARD };
  return { status, card, problem: status === null ? sentenceOf(error) : null };
}
