import type { ChatMessage } from "@uchat/chat";

type Part = ChatMessage["parts"][number];

const FIGURE = /^[+\-−▲▼≈~]?\s?[\d.,\s]+( ?(%|[A-Z]{2,6}))?$/;

/** A table that an answer holds: {columns, rows}, and a title, shown where there are several. */
export function TablePart({ part, titled }: { part: Part; titled: boolean }) {
  const columns = namesOf(part["columns"]);
  const rows = rowsOf(part["rows"]);
  const title = typeof part["title"] === "string" ? part["title"] : "Table";
  if (rows.length === 0) return null;
  const figures = figuresOf(part["align"], columns, rows);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll it
    <section className="part-table" aria-label={title} tabIndex={0}>
      <table>
        {titled && <caption>{title}</caption>}
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" className={figures[index] ? "figure" : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- its rows never change
            <tr key={index}>
              {row.map((cell, at) => (
                // oxlint-disable-next-line react/no-array-index-key
                <td key={at} className={figures[at] ? "figure" : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Which columns hold figures: as the answer says, or as they look. */
function figuresOf(align: unknown, columns: string[], rows: string[][]): boolean[] {
  if (Array.isArray(align)) return columns.map((_, index) => align[index] === "right");
  return columns.map((_, index) =>
    rows.every((row) => row[index] === "" || FIGURE.test(row[index] ?? "")),
  );
}

function namesOf(columns: unknown): string[] {
  if (!Array.isArray(columns)) return [];
  return columns.map(String);
}

function rowsOf(rows: unknown): string[][] {
  if (!Array.isArray(rows)) return [];
  return rows.map((row: unknown) => (Array.isArray(row) ? row.map(cellOf) : []));
}

function cellOf(value: unknown): string {
  return value === null || value === undefined ? "" : String(value as string | number);
}
