import type { ChatMessage } from "@uchat/chat";
import { preciseTime } from "../ui/time";
import { SourceData } from "./SourceData";
import { sourceName } from "./sourceName";

/** What an answer rests on: each figure with its time, and whether it is simulated. */
export function Sources({ sources }: Pick<ChatMessage, "sources">) {
  if (sources.length === 0) return null;
  return (
    <ul className="sources" aria-label="Sources">
      {sources.map((source, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- its sources never change
        <li key={index}>
          <details>
            <summary>
              <span>{sourceName(source)}</span>
              {source.simulated && <span className="badge simulated">simulated</span>}
              <time dateTime={source.as_of}>{preciseTime(Date.parse(source.as_of))}</time>
            </summary>
            <SourceData data={source.data} />
          </details>
        </li>
      ))}
    </ul>
  );
}
