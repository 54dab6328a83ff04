/** On which account a decision is carried out, in words that leave no doubt. Pure. */
import type { Card, Venue } from "@uchat/contracts";

const PAPER = "paper";

/** The exchange whose real money a card is about; null: it is on paper. */
export function liveAt(card: Card, venues: readonly Venue[] | null): string | null {
  const { plan, request } = card;
  const venue = plan ? (plan.simulated ? PAPER : plan.venue) : (request.venue ?? PAPER);
  return venue === PAPER ? null : venueName(venue, venues);
}

/** Which account it is, by the exchange's name; null: the one on paper. */
export function accountLabel(there: string | null): string {
  return there === null ? "paper account" : `${there}, real money`;
}

/** How an exchange writes itself; of one that is not known here its name begins large. */
export function venueName(venue: string, venues: readonly Venue[] | null): string {
  const known = venues?.find((each) => each.venue === venue)?.name;
  return known ?? venue.charAt(0).toUpperCase() + venue.slice(1);
}
