"""First step of every make target: packages and virtual environment, then the target in that environment.

Run as `python3 -m ops.bootstrap TARGET [ARGUMENTS…]` with whatever Python the machine has, so: standard library only.
The process then *becomes* the target, so that a signal sent to it reaches the target.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from ops.packages import TO_BENCH, TO_RUN, TO_TEST, install
from ops.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)
FOR_RUN = ("requirements.txt",)
FOR_TEST = ("requirements.txt", "requirements-dev.txt")
PACKAGES = {"tests": TO_TEST, "lint": TO_TEST, "bench": TO_BENCH}


def main(arguments: list[str]) -> None:
    """Prepare this machine for a target and become it; ends with a sentence when that is impossible."""
    target, *rest = arguments
    for_test = target in {"tests", "lint"}
    try:
        require_python(sys.version_info[:2])
        install(PACKAGES.get(target, TO_RUN))
        prepare_venv(FOR_TEST if for_test else FOR_RUN)
    except Refusal as refusal:
        sys.exit(str(refusal))
    # Whoever called us (make) may be killed and cannot tell: then the kernel tells the target to stop.
    os.execvp("setpriv", ["setpriv", "--pdeathsig", "TERM", str(PYTHON), "-m", f"ops.{target}", *rest])


def require_python(found: tuple[int, int]) -> None:
    """Raise `Refusal` when this Python is too old for the portal."""
    if found < OLDEST_PYTHON:
        have, want = (".".join(map(str, version)) for version in (found, OLDEST_PYTHON))
        message = f"FixMyQuarter needs Python {want} and this is {have}: install it and add PYTHON=python{want}."
        raise Refusal(message)


def prepare_venv(files: tuple[str, ...]) -> None:
    """Make `.venv` and install the requirements, unless a stamp says that exactly these are installed already."""
    if not works():
        print("making the virtual environment .venv", flush=True)
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], "Python could not make the virtual environment .venv")
    stamp = VENV / f"fixmyquarter-{Path(files[-1]).stem}.sha256"
    wanted = fingerprint(files)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"installing the Python packages of {files[-1]}", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run([*pip, "-r", str(ROOT / files[-1])], f"pip could not install {files[-1]}")
    stamp.write_text(wanted)


def works() -> bool:
    """Tell whether `.venv` holds a Python that starts; a moved or half-made environment does not."""
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", "import pip, sys; sys.exit(sys.prefix == sys.base_prefix)"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def fingerprint(files: tuple[str, ...]) -> str:
    """Return a hash of the requirements and of the place of the environment: a copied folder is installed anew."""
    parts = [str(VENV).encode(), *((ROOT / name).read_bytes() for name in files)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def run(command: list[str], complaint: str) -> None:
    """Run one step; raise `Refusal` with the complaint when it fails."""
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
        message = f"{complaint} (its own words are above): check the network and the disk space, then start again."
        raise Refusal(message)


if __name__ == "__main__":
    main(sys.argv[1:])
