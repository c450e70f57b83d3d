"""The figures in columns: what was measured, and beside it what it is compared with."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADINGS = ("figure", "value", "compared with", "ratio")
TEN_MS = 0.01
TENTH = 0.1


@dataclass(frozen=True)
class Row:
    """One figure and its yardstick; `ratio` is how many times the yardstick the value is."""

    figure: str
    value: str
    compared_with: str
    ratio: str


def milliseconds(seconds: float) -> str:
    """Write a duration, given in seconds."""
    return f"{seconds * 1000:.2f} ms" if seconds < TEN_MS else f"{seconds * 1000:,.0f} ms"


def times(value: float, yardstick: float) -> str:
    """Write how many times the yardstick a value is."""
    if not yardstick:
        return "–"
    ratio = value / yardstick
    return f"{ratio:.2f}" if ratio >= TENTH else f"{ratio:.4f}"


def layout(rows: Iterable[Row]) -> str:
    """Return the rows as a table with aligned columns, which is also valid Markdown."""
    lines = [HEADINGS, *((row.figure, row.value, row.compared_with, row.ratio) for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    written.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(written)
