"""The front: nginx with a configuration of our own, and every file that it writes in the state folder."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.options import ROOT
from ops.packages import find_program
from ops.ports import LOOPBACK
from ops.processes import FRONT
from ops.refusal import Refusal
from ops.secrets import write_private
from ops.supervisor import Program

FOLDER = ROOT / "ops" / "front"
TEMPLATE = FOLDER / "nginx.conf.template"
PLACE = re.compile(r"\$\{(FMQ_[A-Z_]+)\}")


@dataclass(frozen=True)
class Front:
    """One nginx on a loopback `port`, before a web and a live process on theirs."""

    folder: Path
    port: int
    web_port: int
    live_port: int
    static_root: Path
    media_root: Path

    def program(self) -> Program:
        """Describe nginx for a supervisor, and write its configuration."""
        nginx = find_program("nginx")
        if nginx is None:
            message = "nginx is not installed: call make run, which installs it."
            raise Refusal(message)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        configuration = self.folder / "nginx.conf"
        write_private(configuration, fill(TEMPLATE.read_text(), self.values()))
        command = (nginx, "-e", "stderr", "-p", str(self.folder), "-c", str(configuration))
        return Program(FRONT, command, layer=2)

    def values(self) -> dict[str, str]:
        """Return what the template leaves open."""
        return {
            # Workers of a root nginx would become `nobody`, who cannot read a checkout in root's home. Elsewhere the
            # directive has no effect but a warning.
            "FMQ_FRONT_USER": "user root;" if os.geteuid() == 0 else "",
            "FMQ_FRONT_DIR": str(self.folder),
            "FMQ_FRONT_PAGES": str(FOLDER / "pages"),
            "FMQ_MIME_TYPES": "/etc/nginx/mime.types",
            "FMQ_LISTEN": f"{LOOPBACK}:{self.port}",
            "FMQ_WEB": f"{LOOPBACK}:{self.web_port}",
            "FMQ_LIVE": f"{LOOPBACK}:{self.live_port}",
            "FMQ_FORWARDED_PROTO": "$scheme",
            "FMQ_STATIC_ROOT": str(self.static_root),
            "FMQ_MEDIA_ROOT": str(self.media_root),
        }


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values into the template's `${FMQ_…}` places; a place without a value is a `KeyError`."""
    return PLACE.sub(lambda place: values[place[1]], template)
