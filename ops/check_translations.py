"""Every French text of the code and the templates has its English: nothing missing, nothing guessed.

French is the source language, so its own catalogue stays empty. The texts are collected by Django's makemessages into a
copy of the checkout: checking changes no file.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ops.options import ROOT
from ops.packages import find_program
from ops.refusal import Refusal

LANGUAGE = "en"
NOT_OURS = shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache", "tests", "ops")


def main(root: Path = ROOT) -> None:
    """Print what lacks English and end with status 1, or end quietly."""
    try:
        missing = untranslated(root)
    except Refusal as refusal:
        sys.exit(str(refusal))
    if missing:
        sys.exit("\n".join(missing))


def untranslated(root: Path) -> list[str]:
    """Return one line for each text without an English translation, or with one that is only a guess (fuzzy)."""
    with tempfile.TemporaryDirectory(prefix="fixmyquarter-words-") as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(root, copy, ignore=NOT_OURS)
        collect(copy)
        catalogue = copy / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
        if not catalogue.exists():
            return []
        return [
            *(f"no English: {text}" for text in texts(catalogue, "--untranslated")),
            *(f"English only guessed: {text}" for text in texts(catalogue, "--only-fuzzy")),
        ]


def collect(copy: Path) -> None:
    """Bring the English catalogue of a copy up to date with its code and templates."""
    catalogues = copy / "locale" / LANGUAGE / "LC_MESSAGES"
    catalogues.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "django",
        "makemessages",
        "--locale",
        LANGUAGE,
        "--no-obsolete",
        "--verbosity",
        "0",
    ]
    # Without settings makemessages takes the `locale` folder that it stands above.
    result = subprocess.run(command, cwd=copy, env={"PATH": path()}, capture_output=True, text=True, check=False)
    if result.returncode:
        message = f"The texts could not be collected: {result.stderr.strip()}"
        raise Refusal(message)


def path() -> str:
    """Return a PATH with the gettext tools on it."""
    xgettext = find_program("xgettext")
    if xgettext is None:
        message = "gettext is not installed: call make lint, which installs it."
        raise Refusal(message)
    return f"{Path(xgettext).parent}:/usr/bin:/bin"


def texts(catalogue: Path, which: str) -> list[str]:
    """Return the French texts of the entries that msgattrib selects."""
    command = ["msgattrib", which, "--no-obsolete", "--no-wrap", "--no-location", str(catalogue)]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [text for entry in listing.split("\n\n") if (text := msgid(entry))]


def msgid(entry: str) -> str:
    """Return the text of one catalogue entry; empty for the catalogue's header."""
    words: list[str] = []
    inside = False
    for line in entry.splitlines():
        if line.startswith("msgid "):
            inside = True
            words.append(line.removeprefix("msgid "))
        elif line.startswith(("msgid_plural", "msgstr", "#")):
            inside = False
        elif inside:
            words.append(line)
    return "".join(word.strip().removeprefix('"').removesuffix('"') for word in words)


if __name__ == "__main__":
    main()
