"""The judgement in the request: what a photo is, before anything is decoded."""

import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from . import heic, jpeg, png, webp
from .exif import read_exif
from .header import Header
from .limits import MAX_BYTES, MAX_PIXELS, MAX_RATIO, Format
from .refusals import PhotoRefused, Refusal
from .window import Window

_BLOCK: Final = 256 * 1024
_SNIFFED: Final = 256
_TURNED: Final = frozenset({5, 6, 7, 8})


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What the bytes of a photo say about it.

    ``width`` and ``height`` are pixels as stored, ``orientation`` (1-8) is the EXIF turn that makes it upright.
    ``taken_at`` is aware when the camera wrote its offset from UTC; otherwise it is **naive**: local time where the
    photo was taken, to be read in the town's zone. ``taken_point`` is (lon, lat), finite, in range, never 0, 0.
    """

    format: Format
    width: int
    height: int
    orientation: int
    size: int
    sha256: str
    taken_at: datetime | None
    taken_point: tuple[float, float] | None

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) as a person sees it."""
        return (self.height, self.width) if self.orientation in _TURNED else (self.width, self.height)


def inspect(file: BinaryIO, size: int) -> PhotoFacts:
    """Judge a photo by its headers only: a few milliseconds, no decoder, at most about 1 MB of memory.

    ``file`` is seekable and left at its start; ``size`` is what the sender claims, in bytes, and is not believed.
    Raises :class:`PhotoRefused`, and nothing else whatever the bytes.
    """
    try:
        if size > MAX_BYTES:
            raise PhotoRefused(Refusal.TOO_LARGE)
        real_size, digest = _measure(file)
        header = _read_header(Window(file, real_size))
        _check_shape(header)
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        if isinstance(error, PhotoRefused):
            raise
        raise PhotoRefused(Refusal.UNREADABLE) from error
    finally:
        file.seek(0)
    exif = read_exif(header.exif)
    return PhotoFacts(
        format=header.format,
        width=header.width,
        height=header.height,
        # Decoders of HEIC turn the picture by its own boxes; its EXIF orientation is a duplicate (ISO/IEC 23008-12).
        orientation=1 if header.upright else exif.orientation,
        size=real_size,
        sha256=digest,
        taken_at=exif.taken_at,
        taken_point=exif.taken_point,
    )


def _measure(file: BinaryIO) -> tuple[int, str]:
    """Real size and SHA-256, giving up as soon as the limit is passed."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        size += len(block)
        if size > MAX_BYTES:
            raise PhotoRefused(Refusal.TOO_LARGE)
        digest.update(block)
    if not size:
        raise PhotoRefused(Refusal.EMPTY)
    return size, digest.hexdigest()


def _read_header(window: Window) -> Header:
    start = window.at(0, min(_SNIFFED, window.size))
    if start.startswith(jpeg.MAGIC):
        return jpeg.read_header(window)
    if start.startswith(png.MAGIC):
        return png.read_header(window)
    if webp.is_webp(start):
        return webp.read_header(window)
    if heic.is_heic(start):
        return heic.read_header(window)
    raise PhotoRefused(Refusal.UNKNOWN_FORMAT)


def _check_shape(header: Header) -> None:
    short, long = sorted((header.width, header.height))
    if short < 1:
        raise PhotoRefused(Refusal.UNREADABLE)
    if short * long > MAX_PIXELS:
        raise PhotoRefused(Refusal.TOO_MANY_PIXELS)
    if long > short * MAX_RATIO:
        raise PhotoRefused(Refusal.BAD_SHAPE)
