import type { Token, Tokens } from "marked";
import { Fragment, type ReactNode } from "react";

const ENTITIES: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": "\u00a0",
};

export function inlineOf(tokens: readonly Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => (
    // oxlint-disable-next-line react/no-array-index-key
    <Fragment key={index}>{oneOf(token)}</Fragment>
  ));
}

function oneOf(token: Token): ReactNode {
  switch (token.type) {
    case "strong":
      return <strong>{inlineOf(token.tokens)}</strong>;
    case "em":
      return <em>{inlineOf(token.tokens)}</em>;
    case "del":
      return <del>{inlineOf(token.tokens)}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
    case "image":
      return linkOf(token as Tokens.Link | Tokens.Image);
    case "text":
      return token.tokens ? inlineOf(token.tokens) : plain((token as Tokens.Text).text);
    case "escape":
      return (token as Tokens.Escape).text;
    default:
      return token.raw;
  }
}

function linkOf(token: Tokens.Link | Tokens.Image): ReactNode {
  const label = token.type === "link" ? inlineOf(token.tokens) : token.text || token.href;
  if (!isSafe(token.href)) return label;
  return (
    <a href={token.href} target="_blank" rel="noopener noreferrer nofollow">
      {label}
    </a>
  );
}

function isSafe(href: string): boolean {
  return /^(https?:\/\/|mailto:)/i.test(href);
}

function plain(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => ENTITIES[entity] ?? entity);
}
