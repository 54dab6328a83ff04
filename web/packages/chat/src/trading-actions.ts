import type { Ack, Card, PlanRequestInput } from "@uchat/contracts";
import { ApiError, newUlid, type Answer, type NewMandate } from "@uchat/client";
import { alertActions } from "./alerts";
import { answerTo, isAwaiting, type Choice, type OwnAnswer } from "./cards";
import type { ChatController } from "./controller";
import { memoryActions } from "./memories";
import { withKillSwitch, withMandate, withTrading } from "./outcomes";
import { sentenceOf } from "./problems";
import { proved, proving } from "./proving";
import { resultActions } from "./results";
import type { Screen } from "./screen";
import type { SettleHelp, TradingActions } from "./trading-state";
import { venueActions } from "./venues";

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
  const { trading } = controller.services;
  const { desk } = controller;
  const tell = decider(controller, screen);

  return {
    decide: (id, choice, iface) => tell(id, choice, iface),
    modify: (id, wish, iface) => tell(id, "modify", iface, wish),
    async propose(plan, iface) {
      const { sessionId } = screen.get();
      if (sessionId === null) return false;
      const opId = `op-${newUlid(controller.services.clock.now())}`;
      const wish = { session_id: sessionId, plan, op_id: opId, interface: iface };
      return attempt(async () => desk.put([await trading.propose(wish)]));
    },
    ...afterwards(controller, attempt),
    needCard: (id) => void desk.needCard(id),
    watchPortfolio: () => desk.watch(),
    reloadTrading() {
      screen.set({ portfolioState: "loading", activityState: "loading" });
      desk.load();
    },
    ...resultActions(controller, screen, attempt),
    async setKillSwitch(on) {
      await attempt(async () => {
        const answer = await trading.setKillSwitch(on);
        screen.set(withKillSwitch(screen.get(), answer));
      });
    },
    async setOperationMode(mode) {
      await attempt(async () => {
        screen.set(withTrading(screen.get(), await trading.setMode(mode)));
      });
    },
    ...granting(controller, screen, attempt),
    async revokeMandate(id) {
      await attempt(async () => {
        const revoked = await trading.revokeMandate(id);
        screen.set({ mandates: withMandate(screen.get().mandates, revoked) });
      });
    },
    ...venueActions(controller, screen, attempt),
    ...linkActions(controller, screen, attempt),
    ...alertActions(controller, screen, attempt),
    ...memoryActions(controller, screen, attempt),
  };
}

/** What can be done with a decision that is over, or that the exchange leaves in the dark. */
function afterwards(controller: ChatController, attempt: Attempt) {
  const { trading, clock } = controller.services;
  const show = (ask: () => Promise<Card>) =>
    attempt(async () => controller.desk.put([await ask()]));
  return {
    async quoteAgain(id: string, iface: string, remedy = false) {
      const opId = `op-${newUlid(clock.now())}`;
      const wish = { decision_id: id, op_id: opId, interface: iface, remedy };
      await show(() => trading.quoteAgain(wish));
    },
    async settle(id: string, leg: number, choice: SettleHelp, venueOrderId = "") {
      const help = { decision_id: id, leg, choice, venue_order_id: venueOrderId };
      await show(() => trading.settle(help));
    },
  };
}

function granting(controller: ChatController, screen: Screen, attempt: Attempt) {
  const { trading, clock } = controller.services;
  return {
    grantMandate(mandate: NewMandate) {
      const wish = { op_id: `op-${newUlid(clock.now())}`, ...mandate };
      const grant = async () => {
        const granted = await trading.grantMandate(wish);
        screen.set({ mandates: withMandate(screen.get().mandates, granted) });
      };
      const why = "A mandate signs for many orders. Give your password once more.";
      return attempt(() => proved(screen, { why, act: "Grant the mandate", run: grant }));
    },
    prove: proving(controller, screen, attempt),
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
function decider(controller: ChatController, screen: Screen) {
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

  return async (id: string, choice: Choice, iface: string, modifications?: PlanRequestInput) => {
    const { cards, answers } = screen.get();
    const card = cards[id];
    const planHash = card?.plan_hash;
    if (card === undefined || !planHash || !isAwaiting(card)) return;
    const before = answerTo(card, answers[id]);
    if (before !== null && isTaken(before, choice)) return;
    const opId = nameOf(choice, before) ?? `op-${newUlid(clock.now())}`;
    const answer = { choice, planHash, opId };
    const wish = modifications === undefined ? {} : { modifications };
    note(id, { ...answer, state: "sending", status: null, problem: null });
    const said = { decision_id: id, choice, plan_hash: planHash, op_id: opId, iface, ...wish };
    const outcome = await ask(said);
    const state = outcome.problem === null ? "recorded" : "failed";
    note(id, { ...answer, state, status: outcome.status, problem: outcome.problem });
    if (outcome.card !== null) controller.desk.put([outcome.card]);
  };
}

/** Whoever approved, and waits for a second person, may still reject. */
function isTaken(before: OwnAnswer, choice: Choice): boolean {
  return (
    before.state === "sending" || (before.state === "recorded" && before.choice === choice)
  );
}

/** The same answer again keeps its name, so that it is counted once; a change is another one. */
function nameOf(choice: Choice, before: OwnAnswer | null): string | null {
  return before !== null && before.choice === choice && choice !== "modify" ? before.opId : null;
}

function outcomeOf(status: Ack["status"], card: Card | null, code: string | null): Outcome {
  const refused = status === "forbidden" || status === "rejected";
  const problem = refused ? sentenceOf(new ApiError(403, code ?? "not_permitted", "")) : null;
  return { status, card, problem };
}

/** It may have been taken all the same: the connection fell silent after it was sent. */
const UNHEARD =
  "The server did not answer. Your choice may have arrived; press again, it counts only once.";

/** Nobody can tell from these whether the answer counts. */
const UNSURE: ReadonlySet<string> = new Set(["network", "unavailable", "internal_error"]);

const SETTLED = ["already_resolved", "expired", "superseded"] as const;

/** A refusal that tells how the decision stands is an outcome; any other is a failure. */
function refusal(error: unknown): Outcome {
  const { code, members } = error instanceof ApiError ? error : { code: "", members: {} };
  const status = SETTLED.find((known) => known === code) ?? null;
  const card = "decision" in members ? (members.decision as Card) : null;
  if (UNSURE.has(code)) return { status: null, card: null, problem: UNHEARD };
  return { status, card, problem: status === null ? sentenceOf(error) : null };
}
