"""What each program of a running portal holds in memory, its children included."""

import json
from collections.abc import Iterable
from pathlib import Path

from ops.bench.table import Row, times
from ops.state import State

MIB = 1024


def held(var: Path) -> dict[str, float]:
    """Return the memory of each program of the portal on a state folder, in MiB.

    Proportional: a page that ten processes share counts a tenth for each, so that nothing counts twice.
    """
    leaders: dict[int, str] = {row["pid"]: row["name"] for row in json.loads(State(var).register.read_text())}
    parents = {int(process.name): parent_of(process) for process in Path("/proc").iterdir() if process.name.isdecimal()}
    found = dict.fromkeys(leaders.values(), 0.0)
    for pid in parents:
        # PostgreSQL's sessions lead process groups of their own; what stays is who started whom.
        ancestor = pid
        while ancestor and ancestor not in leaders:
            ancestor = parents.get(ancestor, 0)
        if ancestor:
            found[leaders[ancestor]] += proportional(Path("/proc") / str(pid))
    return found


def parent_of(process: Path) -> int:
    """Return the process that started this one; 0 for what has ended."""
    try:
        stat = (process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def proportional(process: Path) -> float:
    """Return the proportional set size in MiB; 0 for what has ended."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) / MIB for line in lines if line.startswith("Pss:")), 0)


def compared(before: dict[str, float], after: dict[str, float], when: str) -> Iterable[Row]:
    """Compare what each program holds with what it held when it had just started."""
    for name in sorted(after, key=lambda name: -after[name]):
        figure = f"memory: {name}, {when}"
        yield Row(
            figure,
            f"{after[name]:,.0f} MiB",
            f"at the start: {before[name]:,.0f} MiB",
            times(after[name], before[name]),
        )
    total = sum(before.values()), sum(after.values())
    yield Row(
        f"memory: all, {when}", f"{total[1]:,.0f} MiB", f"at the start: {total[0]:,.0f} MiB", times(total[1], total[0])
    )
