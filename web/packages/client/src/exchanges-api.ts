import type { ConnectKey, VenueConsent, VenueKey, VenueList } from "@uchat/contracts";
import type { SignedCalls } from "./signed-calls";

const V1 = "/api/v1";
const API = `${V1}/venues`;
const IFACE = "web_ui";

/** A key of an exchange; it is sent once and kept nowhere here. */
export type NewKey = Omit<ConnectKey, "interface">;

/** Accounts at live exchanges, in the name of who is signed in. */
export class ExchangesApi {
  readonly #calls: SignedCalls;

  constructor(calls: SignedCalls) {
    this.#calls = calls;
  }

  /** Every exchange: what it can, what is connected there, why no order is sent. */
  all(): Promise<VenueList> {
    return this.#calls.call(API);
  }

  /** Cancel every open order there. */
  cancelOrders(venue: string): Promise<unknown> {
    const body = { venue, interface: IFACE };
    return this.#calls.call(`${V1}/orders/cancel`, { method: "POST", body });
  }

  connect(key: NewKey): Promise<VenueKey> {
    const body: ConnectKey = { ...key, interface: IFACE };
    return this.#calls.call(`${API}/keys`, { method: "POST", body });
  }

  remove(venue: string): Promise<unknown> {
    return this.#calls.call(`${API}/keys/${venue}?interface=${IFACE}`, { method: "DELETE" });
  }

  /** Let orders be sent to an exchange, to the text of that version. */
  consent(venue: string, version: string): Promise<VenueConsent> {
    const body = { version, interface: IFACE };
    return this.#calls.call(`${API}/${venue}/consent`, { method: "PUT", body });
  }

  withdraw(venue: string): Promise<unknown> {
    return this.#calls.call(`${API}/${venue}/consent?interface=${IFACE}`, { method: "DELETE" });
  }
}
