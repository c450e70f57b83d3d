"""`make stop`: end the portal of this state folder, and what a killed one left behind; nothing else."""

import signal
import sys

from ops.options import Options
from ops.refusal import Refusal
from ops.state import State

PATIENCE = 30.0


def main() -> None:
    """Stop and say what; nothing to stop is fine too."""
    try:
        stopped = stop(State(Options.read().var))
    except Refusal as refusal:
        sys.exit(str(refusal))
    print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")


def stop(state: State) -> list[str]:
    """End the manager, if it lives, then whatever is left of its programs; return the names of what was stopped."""
    if not state.run.exists():
        return []
    stopped = []
    manager = state.manager()
    if manager is not None and manager.stop(signal.SIGTERM, PATIENCE, group=False):
        stopped.append("make run")
    with state.held():
        return stopped + state.clear_leftovers()


if __name__ == "__main__":
    main()
