"""Debian packages: which are missing, and how to install them without starting anything (standard library only)."""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ops.refusal import Refusal

POSTGRESQL_ROOT = Path("/usr/lib/postgresql")
EXTENSIONS = "/usr/share/postgresql/{version}/extension/postgis.control"

# Debian starts what it installs. A policy that says no (exit 101) for the length of the installation prevents that, and
# what systemd would start at the next boot is switched off again: the portal brings up its own, private services.
INSTALL = """
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy" && trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
log=$(mktemp)
{
    # Lists of which one cannot be fetched may still name what we need.
    apt-get -o DPkg::Lock::Timeout=300 update -q
    apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@"
} > "$log" 2>&1 || { grep '^[EW]:' "$log" >&2 || tail -n 20 "$log" >&2; exit 1; }
rm -f "$log"
if [ -d /run/systemd/system ]; then
    for package in "$@"; do
        case "$package" in
            postgresql-postgis) systemctl disable -q postgresql ;;
            redis-server) systemctl disable -q redis-server ;;
            nginx-light) systemctl disable -q nginx ;;
        esac
    done
fi
exit 0
"""


@dataclass(frozen=True)
class Package:
    """A Debian package, and how to see that what we need of it is there, whoever installed it."""

    name: str
    is_there: Callable[[], bool]


def find_program(name: str) -> str | None:
    """Return the path of a program; Debian keeps servers in sbin, which people's PATH often lacks."""
    folders = [os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    return shutil.which(name, path=os.pathsep.join(folders))


def postgresql_folder() -> Path | None:
    """Return the newest PostgreSQL of this machine that has PostGIS, as its `…/bin` folder."""
    found = [
        folder
        for folder in POSTGRESQL_ROOT.glob("*/bin")
        if (folder / "initdb").exists() and Path(EXTENSIONS.format(version=folder.parent.name)).exists()
    ]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


def has_program(*names: str) -> bool:
    """Tell whether one of these programs can be started."""
    return any(find_program(name) for name in names)


def has_noto() -> bool:
    """Tell whether a font with accents and symbols is there: screenshots of empty boxes prove nothing."""
    return any(Path("/usr/share/fonts").rglob("NotoSans-Regular.*"))


# postgresql-postgis brings PostgreSQL of the distribution's own version, and GDAL, GEOS and PROJ for GeoDjango.
TO_RUN = (
    Package("postgresql-postgis", lambda: postgresql_folder() is not None and bool(ctypes.util.find_library("gdal"))),
    Package("redis-server", lambda: has_program("redis-server")),
    Package("nginx-light", lambda: has_program("nginx")),
    Package("gettext", lambda: has_program("msgfmt")),
    Package("python3-venv", lambda: importlib.util.find_spec("ensurepip") is not None),
)
TO_BENCH = (*TO_RUN, Package("wrk", lambda: has_program("wrk")))
TO_TEST = (
    *TO_BENCH,
    Package("chromium", lambda: has_program("chromium", "chromium-browser", "google-chrome")),
    Package("fonts-noto-core", has_noto),
)


def missing(packages: Iterable[Package]) -> list[str]:
    """Return the names of the packages whose programs or libraries are not on this machine."""
    return [package.name for package in packages if not package.is_there()]


def install(packages: Iterable[Package]) -> None:
    """Install what is missing; nothing happens, and apt is not even asked, when all is there.

    Raises `Refusal` when apt, the rights or a package fail us.
    """
    names = missing(packages)
    if not names:
        return
    by_hand = f"install them yourself (apt-get install {' '.join(names)}) and start again."
    if not has_program("apt-get"):
        message = f"These packages are missing and this machine has no apt-get: {' '.join(names)}; {by_hand}"
        raise Refusal(message)
    print(f"installing the Debian packages {' '.join(names)}", flush=True)
    command = [*as_root(by_hand), "sh", "-c", INSTALL, "install", *names]
    result = subprocess.run(command, stdin=None if sys.stdin.isatty() else subprocess.DEVNULL, check=False)
    still_missing = missing(packages)
    if result.returncode or still_missing:
        culprits = " ".join(still_missing or names)
        message = f"apt-get could not install {culprits} (its own words are above): check the network and the package "
        raise Refusal(message + f"sources, or {by_hand}")


def as_root(by_hand: str) -> list[str]:
    """Return what to put before a command that needs root: nothing, or sudo, which may ask only where a person sits."""
    if os.geteuid() == 0:
        return []
    if not has_program("sudo"):
        message = f"Packages are missing, and you are neither root nor have sudo: {by_hand}"
        raise Refusal(message)
    if sys.stdin.isatty():
        return ["sudo"]
    silent = ["sudo", "--non-interactive"]
    if subprocess.run([*silent, "true"], capture_output=True, check=False).returncode:
        message = f"Packages are missing, and sudo wants a password that nobody is here to type: {by_hand}"
        raise Refusal(message)
    return silent
