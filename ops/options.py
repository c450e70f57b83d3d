"""What a person may choose for `make run`, and where things are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ops.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
HIGHEST_PORT = 65_535


@dataclass(frozen=True)
class Options:
    """PORT, FMQ_VAR, FMQ_DEMO and FMQ_THROTTLE, checked."""

    port: int
    var: Path
    demo: bool
    throttle: bool

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the choices from the environment; a relative FMQ_VAR is relative to the checkout."""
        return cls(
            port=port_number(environ.get("PORT") or "8000"),
            var=(ROOT / (environ.get("FMQ_VAR") or "var")).resolve(),
            demo=switch(environ, "FMQ_DEMO"),
            throttle=switch(environ, "FMQ_THROTTLE"),
        )

    @property
    def url(self) -> str:
        """The address that a person opens."""
        return f"http://127.0.0.1:{self.port}"


def port_number(text: str) -> int:
    """Return a TCP port, or refuse."""
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        message = f"PORT is {text!r}: give a number from 1 to {HIGHEST_PORT}."
        raise Refusal(message)
    return int(text)


def switch(environ: Mapping[str, str], name: str) -> bool:
    """Return a switch that is on unless it says 0, or refuse."""
    value = environ.get(name) or "1"
    if value not in {"0", "1"}:
        message = f"{name} is {value!r}: write 1 for yes or 0 for no."
        raise Refusal(message)
    return value == "1"
