import { leftOf, useChatStore } from "@uchat/chat";
import { useState } from "react";
import { clockOf } from "../decision/Countdown";
import { Icon } from "../ui/Icon";
import { useServerNow } from "../ui/useServerNow";
import { QrCode } from "./QrCode";

interface LinkOfferProps {
  offer: { code: string; url: string; expires_at: string };
}

/** One code in three ways: to scan, to press, and to type. */
export function LinkOffer({ offer }: LinkOfferProps) {
  const offerLink = useChatStore((state) => state.offerLink);
  const left = leftOf(offer.expires_at, useServerNow(true));
  if (left === 0) {
    return (
      <div className="link-offer over">
        <p>The code has expired.</p>
        <button type="button" className="button small" onClick={() => void offerLink()}>
          New code
        </button>
      </div>
    );
  }
  return (
    <div className="link-offer">
      <QrCode text={offer.url} label="Code that opens the bot in Telegram" />
      <ol>
        <li>
          Scan the code with your phone, or{" "}
          <a href={offer.url} target="_blank" rel="noreferrer">
            open the bot here
          </a>
          .
        </li>
        <li>
          Or send the bot this: <CopyText text={`/start ${offer.code}`} />
        </li>
        <li>Come back here and compare the number that it shows.</li>
      </ol>
      <p className="link-offer-left">
        Waiting for Telegram. The code works once, for {clockOf(Math.ceil(left / 1_000))} more.
      </p>
    </div>
  );
}

function CopyText({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <span className="copy-text">
      <code>{text}</code>
      {window.isSecureContext && (
        <button
          type="button"
          className="icon-button"
          aria-label={copied ? "Copied" : "Copy the command"}
          onClick={copy}
        >
          <Icon name={copied ? "check" : "copy"} />
        </button>
      )}
    </span>
  );
}
