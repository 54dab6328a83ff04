"""Write a schema down as text, from the catalog: what the migrations made, to compare and read."""

from typing import Final

import asyncpg

_TABLES: Final = """
SELECT c.oid, c.relname, c.relkind::text AS kind,
       pg_get_partkeydef(c.oid) AS partition_key,
       pg_get_expr(c.relpartbound, c.oid) AS bound,
       parent.relname AS parent
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_class parent ON parent.oid = i.inhparent
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relname <> 'alembic_version'
ORDER BY c.relname COLLATE "C"
"""
_COLUMNS: Final = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid) AS default_value,
       a.attidentity::text AS identity, a.attgenerated::text AS generated,
       CASE WHEN a.attcollation <> t.typcollation THEN c.collname END AS collation
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation c ON c.oid = a.attcollation
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
# Not-null constraints have their own rows since Postgres 18; the column says it already.
_CONSTRAINTS: Final = """
SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
WHERE conrelid = $1 AND contype <> 'n' ORDER BY conname COLLATE "C"
"""
_INDEXES: Final = """
SELECT pg_get_indexdef(x.indexrelid) AS definition FROM pg_index x
JOIN pg_class c ON c.oid = x.indexrelid
WHERE x.indrelid = $1 AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid)
ORDER BY c.relname COLLATE "C"
"""
_OTHERS: Final = """
SELECT 'SEQUENCE ' || c.relname AS line FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'S'
UNION ALL
SELECT 'TYPE ' || t.typname || ' AS ENUM (' ||
       string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) || ')'
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_enum e ON e.enumtypid = t.oid WHERE n.nspname = $1 GROUP BY t.typname
UNION ALL
SELECT pg_get_functiondef(p.oid) FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1
UNION ALL
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND NOT t.tgisinternal
ORDER BY 1
"""
_KINDS: Final = {"r": "TABLE", "p": "TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW"}


async def dump(owner_dsn: str, schema: str) -> str:
    """Return the tables, columns, defaults, indexes and constraints of one schema.

    Always the same text for the same schema. Partitions made for a month are left out, since
    which there are depends on the day.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        lines = [f"SCHEMA {schema}"]
        for table in await connection.fetch(_TABLES, schema):
            if table["bound"] is None or "DEFAULT" in table["bound"]:
                lines += await _table(connection, table)
        lines += [_trimmed(row["line"]) for row in await connection.fetch(_OTHERS, schema)]
        return "\n\n".join(lines) + "\n"
    finally:
        await connection.close()


async def _table(
    connection: "asyncpg.Connection[asyncpg.Record]", table: asyncpg.Record
) -> list[str]:
    lines = [f"{_KINDS[table['kind']]} {table['relname']}"]
    if table["parent"] is not None:
        return [f"{lines[0]} PARTITION OF {table['parent']} {table['bound']}"]
    lines += [_column(row) for row in await connection.fetch(_COLUMNS, table["oid"])]
    lines += [
        f"  CONSTRAINT {row['conname']} {row['definition']}"
        for row in await connection.fetch(_CONSTRAINTS, table["oid"])
    ]
    if table["partition_key"] is not None:
        lines.append(f"  PARTITION BY {table['partition_key']}")
    lines += [f"  {row['definition']}" for row in await connection.fetch(_INDEXES, table["oid"])]
    return ["\n".join(lines)]


def _column(row: asyncpg.Record) -> str:
    words = [row["attname"], row["type"]]
    if row["collation"] is not None:
        words.append(f'COLLATE "{row["collation"]}"')
    if row["attnotnull"]:
        words.append("NOT NULL")
    if row["identity"]:
        words.append("GENERATED ALWAYS AS IDENTITY" if row["identity"] == "a" else "IDENTITY")
    if row["default_value"] is not None:
        stored = f"GENERATED ALWAYS AS ({row['default_value']}) STORED"
        words.append(stored if row["generated"] else f"DEFAULT {row['default_value']}")
    return "  " + " ".join(words)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
