import type { NewKey } from "@uchat/client";
import type { Portfolio, Venue } from "@uchat/contracts";
import type { ChatController } from "./controller";
import { proved } from "./proving";
import type { Screen } from "./screen";

type Attempt = (task: () => Promise<unknown>) => Promise<boolean>;

/** Accounts at live exchanges: keys, and the consent to send orders there. */
export function venueActions(controller: ChatController, screen: Screen, attempt: Attempt) {
  const { exchanges } = controller.services.trading;
  const load = async () => screen.set({ venues: (await exchanges.all()).venues });
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
    watchVenues: () => load().catch(() => undefined),
    cancelOrdersAt: (venue: string) => attempt(() => exchanges.cancelOrders(venue)),
    async liveAccount(venue: string): Promise<Portfolio | null> {
      let found: Portfolio | null = null;
      await attempt(async () => {
        found = await exchanges.portfolio(venue);
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
    removeKey: (venue: string) => changed(() => exchanges.remove(venue)),
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
