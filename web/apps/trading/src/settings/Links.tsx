import { useChatStore } from "@uchat/chat";
import type { Link } from "@uchat/contracts";
import { useState } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { interfaceName } from "../ui/interfaces";
import { whenShort } from "../ui/time";
import { LinkOffer } from "./LinkOffer";

/** The person's other interfaces. */
export function Links() {
  const links = useChatStore((state) => state.links);
  const state = useChatStore((store) => store.linksState);
  const offer = useChatStore((store) => store.linkOffer);
  const offerLink = useChatStore((store) => store.offerLink);
  const waiting = links.filter((link) => link.state === "awaiting_confirmation");
  const active = links.filter((link) => link.state === "active");
  const telegram = active.some((link) => link.provider === "telegram");

  return (
    <section className="panel" aria-labelledby="links-title">
      <header className="panel-head">
        <h2 id="links-title">Linked interfaces</h2>
      </header>
      <p className="panel-lead">
        Talk to the same assistant on Telegram. Orders raised there can be approved here, and the
        other way round.
      </p>
      {waiting.map((link) => (
        <ConfirmLink key={link.id} link={link} />
      ))}
      <ul className="rows">
        {active.map((link) => (
          <ActiveLink key={link.id} link={link} />
        ))}
      </ul>
      {state === "failed" && <p className="panel-empty">Your links could not be loaded.</p>}
      {offer !== null && waiting.length === 0 && <LinkOffer offer={offer} />}
      {offer === null && waiting.length === 0 && !telegram && state === "ready" && (
        <button type="button" className="button primary" onClick={() => void offerLink()}>
          Link Telegram
        </button>
      )}
    </section>
  );
}

/** Both sides show the same number; only who sees both can say that it is one person. */
function ConfirmLink({ link }: { link: Link }) {
  const confirmLink = useChatStore((state) => state.confirmLink);
  const unlink = useChatStore((state) => state.unlink);
  const [mayApprove, setMayApprove] = useState(false);
  const who = link.display_name || "somebody";
  return (
    <div className="confirm-link" role="group" aria-label="Confirm the link">
      <p className="match-number" aria-label="Number to compare">
        {link.match_number ?? ""}
      </p>
      <div>
        <p>
          <strong>
            {who} on {interfaceName(link.provider)} wants to be linked.
          </strong>
        </p>
        <p>Confirm only if the bot shows you this same number.</p>
        <label className="check">
          <input
            type="checkbox"
            checked={mayApprove}
            onChange={(event) => setMayApprove(event.target.checked)}
          />
          It may approve orders with real money, too
        </label>
        <div className="confirm-actions">
          <button type="button" className="button small" onClick={() => void unlink(link.id)}>
            That is not me
          </button>
          <button
            type="button"
            className="button small primary"
            onClick={() => void confirmLink(link.id, mayApprove)}
          >
            The numbers match
          </button>
        </div>
      </div>
    </div>
  );
}

function ActiveLink({ link }: { link: Link }) {
  const unlink = useChatStore((state) => state.unlink);
  const [asking, setAsking] = useState(false);
  const name = interfaceName(link.provider);
  return (
    <li className="control-row">
      <p>
        <strong>{name}</strong>
        <span>
          {link.display_name !== "" && `${link.display_name}, `}
          since {whenShort(Date.parse(link.created_at))},{" "}
          {link.may_approve ? "may approve everything" : "may read, chat and approve on paper"}
        </span>
      </p>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Unlink
      </button>
      {asking && (
        <ConfirmDialog
          title={`Unlink ${name}?`}
          keep="Keep it"
          act="Unlink"
          onAct={() => void unlink(link.id)}
          onDone={() => setAsking(false)}
        >
          What is said there is no longer a part of your conversations.
        </ConfirmDialog>
      )}
    </li>
  );
}
