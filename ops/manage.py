"""`make manage ARGS="shell"`: Django's command line inside the portal that `make run` keeps running."""

import json
import os
import sys

from ops.options import ROOT, Options
from ops.refusal import Refusal
from ops.state import State


def main(arguments: list[str]) -> None:
    """Become `manage.py` with the running portal's environment; ends with a sentence when none runs."""
    try:
        state = State(Options.read().var)
    except Refusal as refusal:
        sys.exit(str(refusal))
    if state.manager() is None:
        sys.exit(f"No portal runs on the state folder {state.var}: start one with make run, in another terminal.")
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, "manage.py", *arguments], json.loads(state.environment.read_text()))


if __name__ == "__main__":
    main(sys.argv[1:])
