import type { Token, Tokens } from "marked";
import { Fragment, type ReactNode } from "react";
import { CodeBlock } from "./CodeBlock";
import { inlineOf } from "./inline";

export function blockOf(token: Token): ReactNode {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "hr":
      return <hr />;
    case "heading":
      return headingOf(token as Tokens.Heading);
    case "code":
      return <CodeBlock text={(token as Tokens.Code).text} />;
    case "blockquote":
      return <blockquote>{blocksOf(token.tokens)}</blockquote>;
    case "list":
      return listOf(token as Tokens.List);
    case "table":
      return tableOf(token as Tokens.Table);
    case "paragraph":
      return <p>{inlineOf(token.tokens)}</p>;
    case "text":
      return token.tokens ? inlineOf(token.tokens) : (token as Tokens.Text).text;
    default:
      return <p>{token.raw}</p>;
  }
}

function blocksOf(tokens: readonly Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => (
    // oxlint-disable-next-line react/no-array-index-key
    <Fragment key={index}>{blockOf(token)}</Fragment>
  ));
}

// The page's own headings come first: an answer's start below them.
function headingOf({ depth, tokens }: Tokens.Heading): ReactNode {
  const content = inlineOf(tokens);
  return depth <= 2 ? <h3>{content}</h3> : <h4>{content}</h4>;
}

function listOf(list: Tokens.List): ReactNode {
  const items = list.items.map((item, index) => (
    // oxlint-disable-next-line react/no-array-index-key
    <li key={index}>
      {item.task && (item.checked ? "☑ " : "☐ ")}
      {blocksOf(item.tokens.filter((token) => token.type !== "checkbox"))}
    </li>
  ));
  if (!list.ordered) return <ul>{items}</ul>;
  return <ol start={list.start === "" ? 1 : list.start}>{items}</ol>;
}

function cellOf(Tag: "th" | "td") {
  return (item: Tokens.TableCell, index: number) => (
    // oxlint-disable-next-line react/no-array-index-key
    <Tag key={index} className={item.align === null ? undefined : `align-${item.align}`}>
      {inlineOf(item.tokens)}
    </Tag>
  );
}

function tableOf(table: Tokens.Table): ReactNode {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll it
    <section className="table-scroll" aria-label="Table" tabIndex={0}>
      <table>
        <thead>
          <tr>{table.header.map(cellOf("th"))}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={index}>{row.map(cellOf("td"))}</tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
