"""`make test`: a PostgreSQL and a Redis of the suite's own, then pytest. May run beside `make run`."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from ops.options import ROOT
from ops.refusal import Refusal
from ops.stack import start_services
from ops.supervisor import Stopped, catch_stop_signals
from ops.workers import SERVICES

PATIENCE = 30.0
INTERRUPTED = 130


def main(arguments: list[str]) -> None:
    """Run pytest with these arguments and end with its exit status; its closing line is the last that is written."""
    try:
        catch_stop_signals()
        with tempfile.TemporaryDirectory(prefix="fixmyquarter-test-") as folder:
            status = run(Path(folder), arguments)
    except Refusal as refusal:
        sys.exit(str(refusal))
    except Stopped:
        status = INTERRUPTED
    sys.exit(status)


def run(folder: Path, arguments: list[str]) -> int:
    """Run pytest against services in `folder`; return its exit status.

    The whole suite runs in a process for each core. Some tests are asked for because somebody waits for what they say:
    one process says it in order, and starts sooner.
    """
    processes = 1 if arguments else os.cpu_count() or 1
    with contextlib.ExitStack() as stack:
        services = [stack.enter_context(start_services(folder / str(number))) for number in range(processes)]
        environment = {**os.environ, **services[0], SERVICES: json.dumps(services)}
        subprocess.run([sys.executable, "-m", "ops.catalogues"], cwd=ROOT, env=environment, check=True)
        command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "pytest", *arguments]
        if processes > 1:
            environment["PYTEST_PLUGINS"] = "ops.workers"
            command += ["--numprocesses", str(processes), "--no-loadscope-reorder"]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL) as pytest:
            try:
                return pytest.wait()
            except Stopped:
                # It has heard a Ctrl-C itself, and a SIGTERM not: either way it may tear its fixtures down and report.
                pytest.send_signal(signal.SIGINT)
                return pytest.wait(PATIENCE)


if __name__ == "__main__":
    main(sys.argv[1:])
