"""Where the bars of a chart stand, in whole units of its drawing: pages draw them as SVG, without any script."""

from dataclasses import dataclass

WIDTH, HEIGHT = 1200, 300
# Of the room that one group of columns has, the part that stays empty.
GAP = 0.25
# More words under a chart would run into each other on a phone.
LABELS = 6


@dataclass(frozen=True)
class Column:
    """One bar: which series, where, and what it says to whoever points at it."""

    series: int
    x: int
    y: int
    width: int
    height: int
    words: str


@dataclass(frozen=True)
class Columns:
    """Groups of columns side by side; `top` is the number at the upper edge, `labels` stand under the groups."""

    columns: list[Column]
    labels: list[str]
    top: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def middle(self) -> int:
        """The number half way up, where a line is drawn."""
        return self.top // 2


@dataclass(frozen=True)
class Group:
    """What one group shows: its name, and for each series a number with the sentence that tells it."""

    name: str
    numbers: list[int]
    words: list[str]


def round_top(number: int) -> int:
    """Return the least of 2, 4, 6, 8, 10, 20, 40 … that is not below a number: half of it is whole too."""
    step = 1
    while True:
        for first in (2, 4, 6, 8, 10):
            if first * step >= number:
                return first * step
        step *= 10


def columns_of(groups: list[Group]) -> Columns:
    """Return the chart of groups that all have the same series."""
    top = round_top(max((number for group in groups for number in group.numbers), default=0))
    room = WIDTH / max(1, len(groups))
    drawn = []
    for place, group in enumerate(groups):
        width = room * (1 - GAP) / len(group.numbers)
        for series, (number, words) in enumerate(zip(group.numbers, group.words, strict=True)):
            height = round(HEIGHT * number / top)
            x = round(room * (place + GAP / 2) + width * series)
            drawn.append(Column(series, x, HEIGHT - height, max(1, round(width) - 2), height, words))
    every = -(-len(groups) // LABELS) or 1
    # Counted from the end: what is nearest to today has its name.
    last = len(groups) - 1
    labels = [group.name if (last - place) % every == 0 else "" for place, group in enumerate(groups)]
    return Columns(drawn, labels, top)


def part_of(number: int | None, most: int) -> int:
    """Return the length of a bar in percent of the longest; none for no number, and never quite nothing for one."""
    return max(2, round(100 * number / most)) if number and most else 0
