"""Photos are decoded in a child process, so that no file can hurt the worker that asks for it.

Why a fresh interpreter by :mod:`subprocess`: a prefork Celery worker is a daemonic process, which may not have
:mod:`multiprocessing` children; a forked copy would inherit the database connection and the broker's; and memory that a
decoder took is given back to the system for certain. The child sets its own hard limits (memory, CPU, output), gets no
secret in its environment, and cannot outlive its CPU limit.

What 50 megapixels cannot do within the limits is refused as too heavy: a progressive JPEG in CMYK, a HEIC of 10 bits or
with transparency.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO, Final

from PIL import Image

from .changes import Change
from .facts import PhotoFacts, inspect
from .limits import CHILD_WALL_SECONDS, MAX_BYTES
from .refusals import PhotoRefused, Refusal
from .variants import Picture, Variants

logger = logging.getLogger(__name__)

_ROOT: Final = Path(__file__).resolve().parents[2]
_COPIED: Final = 64 * 1024
_MAX_HEAD_BYTES: Final = 4096
_METADATA: Final = frozenset({"exif", "xmp", "icc_profile"})
_CRASHES: Final = frozenset(
    {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
)


class PhotoWorkerFailed(OSError):
    """The machine, not the photo, is at fault (killed, too slow, broken installation).

    An OSError, as the absence of the storage is one: the worker tries the task again later.
    """


def make_variants(source: BinaryIO | Path, change: Change | None = None) -> Variants:
    """Decode a photo and make its variants, in a child process with limits; `change` is what a moderator wants of it.

    Raises :class:`PhotoRefused` when the photo cannot be shown whole, :class:`PhotoWorkerFailed` when another try later
    may help. Starting the child takes about 0.2 s; 50 megapixels peak in it at 71 MB (JPEG), 357 MB (progressive JPEG
    without subsampling), 130 MB (PNG), 243 MB (WebP), 295 MB (HEIC), in 3 s at most.
    """
    with (
        tempfile.TemporaryFile() as picture,
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() as complaints,
    ):
        size = _copy(source, picture)
        status = _run(inspect(picture, size), change or Change(), picture, answer, complaints)
        if status:
            _raise_for(status, complaints)
        answer.seek(0)
        return _read_answer(answer)


def _copy(source: BinaryIO | Path, picture: IO[bytes]) -> int:
    """Copy the photo to a real file, which a child process can inherit; a storage's file may have none. Its size."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _copy(file, picture)
    source.seek(0)
    left = MAX_BYTES + 1
    while left and (block := source.read(min(left, _COPIED))):
        left -= picture.write(block)
    if not left:
        raise PhotoRefused(Refusal.TOO_LARGE)
    return MAX_BYTES + 1 - left


def _run(facts: PhotoFacts, change: Change, picture: IO[bytes], answer: IO[bytes], complaints: IO[bytes]) -> int:
    environment = {
        "LC_ALL": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",  # glibc would reserve 64 MB of address space for each thread
        "VIPS_CONCURRENCY": "1",  # each thread has its own buffers
        **{name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ},
    }
    header = (facts.format, str(facts.width), str(facts.height), str(facts.orientation))
    changed = json.dumps({"rotation": change.rotation, "masks": [mask.stored for mask in change.masks]})
    try:
        return subprocess.run(  # noqa: S603 -- our own program
            [sys.executable, "-m", "reports.photos.child", *header, changed],
            stdin=picture,
            stdout=answer,
            stderr=complaints,
            cwd=_ROOT,
            env=environment,
            timeout=CHILD_WALL_SECONDS,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = "the photo could not be decoded in time"
        raise PhotoWorkerFailed(msg) from error


def _raise_for(status: int, complaints: IO[bytes]) -> None:
    """Translate the end of a child that gave no answer."""
    complaints.seek(0)
    last_words = complaints.read()[-2000:].decode(errors="replace")
    logger.warning("The photo decoder ended with status %d: %s", status, last_words)
    if -status == signal.SIGXCPU:
        raise PhotoRefused(Refusal.TOO_HEAVY)
    if -status in _CRASHES:
        raise PhotoRefused(Refusal.UNREADABLE)
    msg = f"the photo decoder ended with status {status}"
    raise PhotoWorkerFailed(msg)


def _read_answer(answer: IO[bytes]) -> Variants:
    """Believe the child no more than needed: it has handled hostile bytes."""
    try:
        head = json.loads(answer.readline(_MAX_HEAD_BYTES))
        refusal = Refusal(head["refused"]) if "refused" in head else None
        pictures = tuple(Picture(int(w), int(h), answer.read(int(n))) for w, h, n in head.get("pictures", ()))
        looks = tuple(Picture(int(w), int(h), answer.read(int(n))) for w, h, n in filter(None, [head.get("look")]))
        size = int(head.get("width", 0)), int(head.get("height", 0))
        variants = Variants(*size, str(head.get("phash")), pictures, next(iter(looks), None))
    except (ValueError, TypeError, AttributeError) as error:
        msg = "the photo decoder gave no proper answer"
        raise PhotoWorkerFailed(msg) from error
    if refusal is not None:
        raise PhotoRefused(refusal)
    if not pictures or not all(_is_bare(picture) for picture in (*pictures, *looks)):
        msg = "the photo decoder gave a picture with more than pixels"
        raise PhotoWorkerFailed(msg)
    return variants


def _is_bare(picture: Picture) -> bool:
    """Whether the file is a WebP of the size it is said to have, with neither EXIF, XMP nor a colour profile."""
    try:
        with Image.open(BytesIO(picture.data), formats=["WEBP"]) as image:
            return image.size == (picture.width, picture.height) and _METADATA.isdisjoint(image.info)
    except OSError:
        return False
