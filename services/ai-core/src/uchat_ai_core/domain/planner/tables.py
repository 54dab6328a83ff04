"""Tables of an answer: cells for those who render tables, markdown for those who do not."""

from dataclasses import dataclass

from uchat_contracts.parts import Part


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they are shown. `align` has one letter a column: l or r."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str

    @property
    def text(self) -> str:
        """Return the table in markdown."""
        rule = ["---:" if letter == "r" else ":---" for letter in self.align]
        lines = [self.columns, tuple(rule), *self.rows]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

    def part(self) -> Part:
        """Return the table as a part of a message."""
        return Part.model_validate(
            {
                "type": "table",
                "title": self.title,
                "columns": list(self.columns),
                "rows": [list(row) for row in self.rows],
                "align": ["right" if letter == "r" else "left" for letter in self.align],
                "text": self.text,
            }
        )
