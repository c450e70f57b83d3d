"""The whole benchmark, step by step, and the table at its end."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from ops.bench import load, memory, sockets
from ops.bench.choices import Choices
from ops.bench.scratch import SMALL, Scratch
from ops.bench.table import Row, layout
from ops.portal import PortalError, running_portal
from ops.refusal import Refusal
from ops.run import allow_open_files
from ops.stack import start_services
from ops.supervisor import Stopped, catch_stop_signals

INTERRUPTED = 130


def main(arguments: list[str]) -> None:
    """Measure and print; ends with a sentence and status 1 when something is wrong."""
    choices = Choices.read(arguments)
    others = os.getloadavg()[0]
    try:
        catch_stop_signals()
        allow_open_files()
        with tempfile.TemporaryDirectory(prefix="fixmyquarter-bench-") as folder:
            rows = measure(choices, Path(folder))
    except (Refusal, PortalError) as refusal:
        sys.exit(str(refusal))
    except Stopped:
        sys.exit(INTERRUPTED)
    print(f"\nlarge: {choices.reports:,} reports, small: {choices.few_reports:,}; cores: {os.cpu_count()}")
    print(f"processes of others that wanted a core when we began: {others:.1f}\n")
    print(layout(rows))


def measure(choices: Choices, folder: Path) -> list[Row]:
    """Do every step; return the table's rows."""
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - started:4.0f} s  {what}", flush=True)

    var = folder / "var"
    file = folder / "rows.json"
    say("services and the demonstration town, in a scratch folder")
    with start_services(var) as environment:
        scratch = Scratch({**os.environ, **environment, "FMQ_DEMO": "1", "FMQ_THROTTLE": "0"})
        scratch.prepare()
        scratch.copy()
        say(f"the small database: {choices.few_reports:,} reports")
        scratch.run("ops.bench.fill", str(choices.few_reports), env=scratch.small_env)
        say(f"the large database: {choices.reports:,} reports")
        scratch.run("ops.bench.fill", str(choices.reports))
        say("viewports and pages, large against small")
        scratch.run("ops.bench.pages", SMALL, str(file))
    rows = [Row(**row) for row in json.loads(file.read_text())]
    say("the whole portal on the large database")
    with running_portal(var, demo=True) as portal:
        database = portal.env["FMQ_DATABASE_URL"]
        at_start = memory.held(var)
        say(f"mixed reads through the front, {choices.seconds} s each")
        rows += load.reading(portal.url, database, folder, choices.seconds)
        say(f"sending reports, {choices.seconds} s each")
        rows += load.writing(portal.url, database, folder, choices.seconds)
        say(f"a change of status, and {choices.sockets:,} open maps")
        delays, at_end = sockets.delays(portal, choices.sockets)
        rows += delays
        rows += memory.compared(at_start, at_end, f"with {choices.sockets:,} open maps")
    say("done")
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
