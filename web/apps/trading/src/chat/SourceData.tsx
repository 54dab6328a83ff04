import { preciseTime } from "../ui/time";

type Row = Record<string, unknown>;

/** Said once for the whole source already. */
const SAID: ReadonlySet<string> = new Set(["simulated", "source"]);

/** The values that a tool returned: lists of things as tables, the rest by name. */
export function SourceData({ data }: { data: Row }) {
  const entries = Object.entries(data).filter(([, value]) => !isEmpty(value));
  const tables = entries.filter(([, value]) => isRows(value));
  const values = entries.filter(([, value]) => !isRows(value));
  return (
    <div className="source-data">
      {tables.map(([name, rows]) => (
        <RowsTable key={name} name={labelOf(name)} rows={rows as Row[]} />
      ))}
      {values.length > 0 && (
        <dl>
          {values.map(([name, value]) => (
            <div key={name}>
              <dt>{labelOf(name)}</dt>
              <dd>{textOf(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function RowsTable({ name, rows }: { name: string; rows: Row[] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (column) => !SAID.has(column),
  );
  return (
    <table aria-label={name}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {labelOf(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- what a tool returned never changes
          <tr key={index}>
            {columns.map((column) => (
              <td key={column}>{textOf(row[column])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isRows(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === "object" && item !== null && !Array.isArray(item))
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function labelOf(name: string): string {
  return name === "as_of" ? "time" : name.replace(/_pct$/, " %").replaceAll("_", " ");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value === "object") return Object.values(value).map(textOf).join(" ");
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT/.test(text) ? preciseTime(Date.parse(text)) : text;
}
