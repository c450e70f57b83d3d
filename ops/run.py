"""`make run`: the whole portal in the foreground, until Ctrl-C."""

import contextlib
import json
import os
import resource
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ops.log import Log
from ops.nginx import Front
from ops.options import ROOT, Options
from ops.ports import LOOPBACK, answers, free_port, require_free
from ops.processes import PROCESSES
from ops.refusal import Refusal
from ops.secrets import write_private
from ops.stack import bring_up, portal_environment
from ops.state import State
from ops.supervisor import Program, Stopped, Supervisor, catch_stop_signals

START_SECONDS = 120
OPEN_FILES = 65_536


def main() -> None:
    """Run the portal; ends with status 0 when asked to stop, and with a sentence and 1 when something is wrong."""
    with contextlib.suppress(Stopped):
        try:
            catch_stop_signals()
            run(Options.read(), Log(sys.stdout))
        except Refusal as refusal:
            sys.exit(str(refusal))


def run(options: Options, log: Log) -> None:
    """Start everything, say so, and wait; ends only by `Stopped` or `Refusal`."""
    state = State(options.var)
    with state.held():
        if leftovers := state.clear_leftovers():
            log.plain(f"stopped what an earlier run had left behind: {', '.join(leftovers)}")
        require_free(options.port)
        allow_open_files()
        with Supervisor(log, state.register) as supervisor:
            environment = {**os.environ, **portal_environment(options, state), **bring_up(supervisor, state)}
            write_private(state.environment, json.dumps(environment))
            prepare(supervisor, environment)
            start_portal(supervisor, options, state, environment)
            wait_until(lambda: first_page_answers(options.url), supervisor, "the first page does not answer")
            log.plain(f"ready: {options.url}")
            for line in sign_ins(state.demo):
                log.plain(line)
            name, status = supervisor.watch()
            message = f"{name} has ended by itself ({in_words(status)}), so all is stopped: its words are above."
            raise Refusal(message)


def prepare(supervisor: Supervisor, environment: dict[str, str]) -> None:
    """Bring the schema, the catalogues, the static files and the demonstration to where the code is."""
    command = (sys.executable, "-m", "ops.prepare")
    if supervisor.complete(Program("prepare", command, layer=1, cwd=ROOT, env=environment)):
        message = "The database or the files could not be prepared: what went wrong is in the lines of prepare above."
        raise Refusal(message)


def start_portal(supervisor: Supervisor, options: Options, state: State, environment: dict[str, str]) -> None:
    """Start our own processes, and the front before them as soon as they listen."""
    ports: dict[str, int] = {}
    for process in PROCESSES:
        ports[process.name] = free_port() if process.listens else 0
        command = process.command(LOOPBACK, ports[process.name])
        supervisor.start(Program(process.name, command, layer=1, cwd=ROOT, env=environment))
    wait_until(lambda: answers(ports["web"]) and answers(ports["live"]), supervisor, "web and live do not listen")
    front = Front(state.run / "front", options.port, ports["web"], ports["live"], state.static, state.media)
    supervisor.start(front.program())


def first_page_answers(url: str) -> bool:
    """Tell whether the first page comes through the front, with status 200."""
    try:
        with urllib.request.urlopen(f"{url}/", timeout=10):  # noqa: S310 - our own address
            return True
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], supervisor: Supervisor, complaint: str) -> None:
    """Return when the condition holds; raise `Refusal` when a program ends or the time is over before."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if end := supervisor.ended():
            message = f"{end[0]} did not start ({in_words(end[1])}): its own words are in the log above."
            raise Refusal(message)
        if time.monotonic() > deadline:
            message = f"After {START_SECONDS} s {complaint}: the log above may say why."
            raise Refusal(message)
        time.sleep(0.1)


def sign_ins(file: Path) -> list[str]:
    """Return the demonstration sign-ins as lines for a person; none without a demonstration."""
    if not file.exists():
        return []
    people = json.loads(file.read_text())["people"]
    width = max(len(person["email"]) for person in people.values())
    lines = [f"  {role:<14} {person['email']:<{width}}  {person['password']}" for role, person in people.items()]
    if any("totp" in person for person in people.values()):
        lines.append('  second factor of the staff: make manage ARGS="demo_code", or their "totp" in demo.json')
    return lines


def in_words(status: int) -> str:
    """Say how a process ended: `status 1`, or `signal 9`."""
    return f"signal {-status}" if status < 0 else f"status {status}"


def allow_open_files() -> None:
    """Raise the number of sockets that the front and live may hold, as far as this machine lets us."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(most, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


if __name__ == "__main__":
    main()
