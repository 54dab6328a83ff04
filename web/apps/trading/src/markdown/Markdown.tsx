import { lexer, type Token } from "marked";
import { memo, useMemo } from "react";
import { blockOf } from "./blocks";

/**
 * Markdown as React elements. Nothing is ever inserted as HTML: markup in the text is shown as
 * text, images are links, and only http, https and mailto links lead anywhere.
 */
export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => lexer(text), [text]);
  return (
    <div className="markdown">
      {blocks.map((block, index) => (
        // A streaming answer only grows: a block keeps its place, and its element while it is equal.
        // oxlint-disable-next-line react/no-array-index-key
        <Block key={index} block={block} />
      ))}
    </div>
  );
}

const Block = memo(
  ({ block }: { block: Token }) => blockOf(block),
  (before, after) => before.block.raw === after.block.raw,
);
