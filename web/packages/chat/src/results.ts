import type { Prefer } from "@uchat/contracts";
import type { CostMethod, ExportName, Period } from "@uchat/client";
import type { ChatController } from "./controller";
import type { Screen } from "./screen";

type Attempt = (task: () => Promise<unknown>) => Promise<boolean>;

/** What one sees of how the account did: the period, the method, the currency, files. */
export function resultActions(controller: ChatController, screen: Screen, attempt: Attempt) {
  const { services, desk } = controller;
  return {
    setPeriod(period: Period) {
      screen.set({ period, pnl: null, equity: null });
      void desk.loadPnl();
    },
    setMethod(method: CostMethod) {
      screen.set({ method, pnl: null });
      void desk.loadPnl();
    },
    async loadPreferences() {
      await attempt(async () => {
        screen.set({ preferences: await services.trading.preferences() });
      });
    },
    prefer: (change: Prefer) =>
      attempt(async () => {
        screen.set({ preferences: await services.trading.prefer(change) });
        void desk.loadPnl();
      }),
    async fetchFile(name: ExportName): Promise<Blob | null> {
      let file: Blob | null = null;
      await attempt(async () => {
        file = await services.trading.file(name, screen.get().shownVenue);
      });
      return file;
    },
  };
}
