import type { ReactNode } from "react";
import { trendOf } from "./money";

const GLYPHS = { up: "▲", down: "▼", flat: "" } as const;

/** A figure that goes up or down: by sign, by arrow and by colour, never by colour alone. */
export function Trend({ of, children }: { of: string | null | undefined; children: ReactNode }) {
  const trend = trendOf(of);
  return (
    <span className={`trend ${trend}`}>
      {GLYPHS[trend] !== "" && (
        <span className="trend-glyph" aria-hidden="true">
          {GLYPHS[trend]}
        </span>
      )}
      {children}
    </span>
  );
}
