import { lexer, type Token } from "marked";
import { memo, useMemo } from "react";
import { blockOf } from "./blocks";

/**
 * Markdown as React elements. Nothing is ever inserted as HTML: markup in the text is shown as
 * text, images are links, and only http, https and mailto links lead anywhere. `growing`: more of
 * the text is still to come.
 */
export function Markdown({ text, growing = false }: { text: string; growing?: boolean }) {
  const blocks = useMemo(() => {
    const found: Token[] = lexer(text);
    return growing ? withoutHalfTable(found) : found;
  }, [text, growing]);
  return (
    <div className="markdown">
      {blocks.map((block, index) => (
        // A streaming answer only grows: a block keeps its place.
        // oxlint-disable-next-line react/no-array-index-key
        <Block key={index} block={block} />
      ))}
    </div>
  );
}

/** A table whose second line is still to come would flash by as text. */
function withoutHalfTable(blocks: Token[]): Token[] {
  const last = blocks.at(-1);
  return last?.type === "paragraph" && last.raw.startsWith("|") ? blocks.slice(0, -1) : blocks;
}

const Block = memo(
  ({ block }: { block: Token }) => blockOf(block),
  (before, after) => before.block.raw === after.block.raw,
);
