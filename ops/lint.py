"""`make lint`: every check of the code. All of them run; each ends with one line that says how it went."""

import os
import subprocess
import sys
from dataclasses import dataclass

from ops.options import ROOT

# Settings want to know where the data would be; nothing here asks it anything.
NOWHERE = {
    "FMQ_ENV": "development",
    "FMQ_SECRET_KEY": "lint",
    "FMQ_DATABASE_URL": "postgis://lint@127.0.0.1:1/lint",
    "FMQ_REDIS_URL": "redis://127.0.0.1:1",
    "DJANGO_SETTINGS_MODULE": "fixmyquarter.settings",
}


@dataclass(frozen=True)
class Check:
    """One tool, and what to do when it complains."""

    name: str
    command: tuple[str, ...]
    remedy: str

    def passes(self) -> bool:
        """Run the tool; what it says is shown when it complains."""
        result = subprocess.run(
            [sys.executable, *self.command],
            cwd=ROOT,
            env={**os.environ, **NOWHERE},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if result.returncode:
            print(result.stdout.rstrip())
        print(f"FAILED  {self.name}: {self.remedy}" if result.returncode else f"ok      {self.name}", flush=True)
        return result.returncode == 0


CHECKS = (
    Check("style", ("-m", "ruff", "check", "."), "mend what is listed above; ruff check --fix mends some"),
    Check("format", ("-m", "ruff", "format", "--check", "."), "run ruff format ."),
    Check(
        "types",
        (
            "-m",
            "mypy",
        ),
        "mend the types listed above",
    ),
    Check(
        "import contracts",
        ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-logo", "--no-cache"),
        "a module imports what it may not; the chain is above, the contracts are in pyproject.toml",
    ),
    Check(
        "migrations",
        # The missing database is only warned about: the files are compared with the models.
        ("-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run", "--no-input"),
        "the models have changed; run manage.py makemigrations",
    ),
    Check("translations", ("-m", "ops.check_translations"), "put the words above into the English catalogue"),
    Check("template words", ("-m", "ops.check_templates"), "put the words above into translate tags"),
)


def main() -> None:
    """Run every check; ends with status 1 when one complains."""
    failed = [check.name for check in CHECKS if not check.passes()]
    sys.exit(f"make lint found something in: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
