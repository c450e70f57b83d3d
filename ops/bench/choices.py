"""What a person may choose: `make bench ARGS="--reports 100000 --sockets 1000 --seconds 10"`."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

SMALLER = 100
FEWEST = 20


@dataclass(frozen=True)
class Choices:
    """How much is measured.

    reports  in the large database; the small one has a hundredth of them
    sockets  open maps that hear of a change of status
    seconds  that each load of many visitors lasts
    """

    reports: int
    sockets: int
    seconds: int

    @classmethod
    def read(cls, arguments: list[str]) -> Self:
        """Read the choices; wrong ones end the program with a sentence and status 2."""
        parser = argparse.ArgumentParser("make bench", description="Measure the portal's speed on scratch data.")
        add = parser.add_argument
        add("--reports", type=whole(1_000, 3_000_000), default=1_000_000, help="in the large database (1000000)")
        add("--sockets", type=whole(1, 10_000), default=1_000, help="open maps that hear of a change (1000)")
        add("--seconds", type=whole(1, 120), default=10, help="that each load lasts (10)")
        return cls(**vars(parser.parse_args(arguments)))

    @property
    def few_reports(self) -> int:
        """How many reports the small database has."""
        return max(FEWEST, self.reports // SMALLER)


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers between two others."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            message = f"{text!r} is no whole number from {least} to {most}"
            raise argparse.ArgumentTypeError(message)
        return int(text)

    return read
