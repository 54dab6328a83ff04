import type { ChatMessage } from "@uchat/chat";
import { preciseTime } from "../ui/time";

type Source = ChatMessage["sources"][number];

/** What an answer rests on: each figure with its time, and whether it is simulated. */
export function Sources({ sources }: Pick<ChatMessage, "sources">) {
  if (sources.length === 0) return null;
  return (
    <ul className="sources" aria-label="Sources">
      {sources.map((source, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the sources of a message never change
        <li key={index}>
          <details>
            <summary>
              <span>{nameOf(source)}</span>
              {source.simulated && <span className="badge simulated">simulated</span>}
              <time dateTime={source.as_of}>{preciseTime(Date.parse(source.as_of))}</time>
            </summary>
            <dl>
              {Object.entries(source.data).map(([name, value]) => (
                <div key={name}>
                  <dt>{name.replaceAll("_", " ")}</dt>
                  <dd>{textOf(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
        </li>
      ))}
    </ul>
  );
}

function nameOf(source: Source): string {
  const symbol = source.data["symbol"];
  const tool = source.tool.replaceAll("_", " ");
  return typeof symbol === "string" ? `${symbol} · ${tool}` : tool;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
