import type { Card, Plan } from "@uchat/contracts";
import { LOG, USER } from "./fakes";

export const ME = USER;

export const PLAN: Plan = {
  account: "acct_1",
  venue: "paper",
  simulated: true,
  quote_currency: "USDT",
  legs: [
    {
      n: 1,
      symbol: "BTC",
      side: "buy",
      type: "market",
      quantity: "0.01",
      price: "65012.34",
      notional: "650.12",
      fee: "0.65",
      fee_asset: "USDT",
      time_in_force: "gtc",
      post_only: false,
      kept_here: false,
    },
  ],
  collar: { max_deviation_bps: 100, as_of: "2026-11-23T02:00:00Z" },
  total: "650.12",
  fees: "0.65",
  expires_at: "2026-11-23T02:01:00Z",
};

/** A card that waits for an answer. */
export function card(change: Partial<Card> = {}): Card {
  return {
    decision_id: "d1",
    rev: 2,
    version: 1,
    state: "awaiting_approval",
    session_id: LOG,
    user_id: USER,
    interface: "web_chat",
    proposed_at: "2026-11-23T02:00:00Z",
    updated_at: "2026-11-23T02:00:00Z",
    expires_at: "2026-11-23T02:01:00Z",
    request: {
      legs: [
        {
          symbol: "BTC",
          side: "buy",
          type: "market",
          quantity: "0.01",
          all: false,
          time_in_force: "gtc",
          post_only: false,
        },
      ],
      quote_currency: "USDT",
      purpose: "trade",
    },
    plan: PLAN,
    plan_hash: "hash-1",
    effect: {
      cash_before: "10000",
      cash_after: "9349.23",
      holdings_before: {},
      holdings_after: { BTC: "0.01" },
      shares_after: {},
    },
    warnings: [],
    changes: [],
    approvals: [],
    approvals_needed: 1,
    ...change,
  };
}
