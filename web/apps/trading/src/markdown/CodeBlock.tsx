import { useState } from "react";
import { Icon } from "../ui/Icon";

const SHOWN_MS = 1_500;

export function CodeBlock({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);

  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), SHOWN_MS);
    });
  };

  return (
    <div className="code-block">
      {/* The clipboard is closed to pages that are not served securely. */}
      {window.isSecureContext && (
        <button type="button" className="icon-button" aria-label="Copy code" onClick={copy}>
          <Icon name={copied ? "check" : "copy"} />
        </button>
      )}
      <pre>
        <code>{text}</code>
      </pre>
    </div>
  );
}
