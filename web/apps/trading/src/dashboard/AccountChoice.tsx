import { useChatStore } from "@uchat/chat";
import type { Venue } from "@uchat/contracts";
import { useEffect } from "react";
import { accountLabel } from "../decision/account";

/** Accounts at exchanges that are connected, whether orders go there now or not. */
export function useAccounts(): readonly Venue[] {
  const venues = useChatStore((state) => state.venues);
  const watchVenues = useChatStore((state) => state.watchVenues);
  useEffect(() => void watchVenues(), [watchVenues]);
  return (venues ?? []).filter((venue) => venue.key);
}

interface AccountChoiceProps {
  accounts: readonly Venue[];
  /** The exchange; empty: the account on paper. */
  chosen: string;
  onChoose: (venue: string) => void;
  label: string;
}

export function AccountChoice({ accounts, chosen, onChoose, label }: AccountChoiceProps) {
  return (
    <label className="field account-choice">
      <span>{label}</span>
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">Paper account</option>
        {accounts.map(({ venue, name }) => (
          <option key={venue} value={venue}>
            {accountLabel(name)}
          </option>
        ))}
      </select>
    </label>
  );
}
