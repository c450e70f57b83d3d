"""`make test`: a PostgreSQL and a Redis of the suite's own, then pytest. May run beside `make run`."""

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
    """Run pytest against services in `folder`; return its exit status."""
    with start_services(folder) as services:
        environment = {**os.environ, **services}
        subprocess.run([sys.executable, "-m", "ops.catalogues"], cwd=ROOT, env=environment, check=True)
        command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "pytest", *arguments]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL) as pytest:
            try:
                return pytest.wait()
            except Stopped:
                # It has heard a Ctrl-C itself, and a SIGTERM not: either way it may tear its fixtures down and report.
                pytest.send_signal(signal.SIGINT)
                return pytest.wait(PATIENCE)


if __name__ == "__main__":
    main(sys.argv[1:])
