import type { NewKey } from "@uchat/client";
import type { Portfolio, Venue } from "@uchat/contracts";
import type { ChatController } from "./controller";
import { proved } from "./proving";
import type { Screen } from "./screen";
import { noAccount } from "./trading-state";

type Attempt = (task: () => Promise<unknown>) => Promise<boolean>;

/** Accounts at live exchanges: keys, and the consent to send orders there. */
export function venueActions(controller: ChatController, screen: Screen, attempt: Attempt) {
  const { desk, services } = controller;
  const { trading } = services;
  const { exchanges } = trading;
  const load = async () => screen.set({ venues: (await exchanges.all()).venues });
  let asking: Promise<void> | null = null;
  const changed = async (task: () => Promise<unknown>) => {
    await attempt(async () => {
      await task();
      await load();
    });
  };
  return {
    async loadVenues() {
      await attempt(load);
    },
    /** Several panels of a page ask at once: that is one question. */
    watchVenues() {
      asking ??= load()
        .catch(() => undefined)
        .finally(() => {
          asking = null;
        });
      return asking;
    },
    cancelOrdersAt: (venue: string) => attempt(() => exchanges.cancelOrders(venue)),
    async liveAccount(venue: string): Promise<Portfolio | null> {
      let found: Portfolio | null = null;
      await attempt(async () => {
        found = await trading.portfolio(venue);
      });
      return found;
    },
    connectKey(key: NewKey) {
      const run = async () => {
        await exchanges.connect(key);
        await load();
      };
      const why = "A key opens an account of yours. Give your password once more.";
      return attempt(() => proved(screen, { why, act: "Connect the account", run }));
    },
    /** Of another account nothing that is shown is true: all of it is fetched anew. */
    showAccount(venue: string) {
      if (screen.get().shownVenue === venue) return;
      screen.set({ ...noAccount, shownVenue: venue });
      desk.loadAccount();
    },
    async removeKey(venue: string) {
      await changed(() => exchanges.remove(venue));
      if (screen.get().shownVenue !== venue) return;
      screen.set({ ...noAccount, shownVenue: "" });
      desk.loadAccount();
    },
    consent(venue: Venue) {
      const run = async () => {
        await exchanges.consent(venue.venue, venue.consent_version);
        await load();
      };
      const why = "Orders will trade real money. Give your password once more.";
      return attempt(() => proved(screen, { why, act: "Give consent", run }));
    },
    withdrawConsent: (venue: string) => changed(() => exchanges.withdraw(venue)),
  };
}
