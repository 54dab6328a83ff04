import { accountLabel } from "./account";

/** Which account something is about: an exchange with real money, or the one on paper (null). */
export function AccountBadge({ there }: { there: string | null }) {
  return (
    <span className={`badge ${there === null ? "simulated" : "live"}`}>{accountLabel(there)}</span>
  );
}
