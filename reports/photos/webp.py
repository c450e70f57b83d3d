"""WebP: size and EXIF from the RIFF chunks, and the proof that a WebP of ours carries nothing but pixels.

Source: Google, WebP Container Specification; RFC 9649.
"""
# ruff: noqa: PLR2004 -- the numbers are those of the specifications named above

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from .header import Header
from .limits import MAX_EXIF_BYTES
from .refusals import PhotoRefused, Refusal
from .window import Window

_MAX_CHUNKS: Final = 1000
_ANIMATED: Final = frozenset({b"ANIM", b"ANMF"})
_PIXELS: Final = frozenset({b"VP8 ", b"VP8L"})


def is_webp(start: bytes) -> bool:
    """Tell a WebP by its first 12 bytes."""
    return start[:4] == b"RIFF" and start[8:12] == b"WEBP"


def chunks(window: Window) -> Iterator[tuple[bytes, int, int]]:
    """``(type, offset, length)`` of every chunk's payload; raises :class:`PhotoRefused` where the file is cut."""
    (riff,) = struct.unpack("<I", window.at(4, 4))
    end = 8 + riff
    if end > window.size:
        raise PhotoRefused(Refusal.TRUNCATED)
    position = 12
    for _ in range(_MAX_CHUNKS):
        if position + 8 > end:
            return
        kind, length = struct.unpack("<4sI", window.at(position, 8))
        if position + 8 + length > end:
            raise PhotoRefused(Refusal.UNREADABLE)
        yield kind, position + 8, length
        position += 8 + length + (length & 1)
    raise PhotoRefused(Refusal.UNREADABLE)


def read_header(window: Window) -> Header:
    """Size from the picture's own header, EXIF from its chunk; raises :class:`PhotoRefused`."""
    canvas: tuple[int, int] | None = None
    size: tuple[int, int] | None = None
    exif: bytes | None = None
    for kind, offset, length in chunks(window):
        if kind in _ANIMATED:
            raise PhotoRefused(Refusal.ANIMATED)
        if kind == b"VP8X":
            low_w, high_w, low_h, high_h = struct.unpack("<4xHBHB", window.at(offset, 10))
            canvas = (1 + low_w + (high_w << 16), 1 + low_h + (high_h << 16))
        elif kind in _PIXELS and size is None:
            size = _lossy_size(window.at(offset, 10)) if kind == b"VP8 " else _lossless_size(window.at(offset, 5))
        elif kind == b"EXIF" and exif is None and length <= MAX_EXIF_BYTES:
            exif = window.at(offset, length).removeprefix(b"Exif\0\0")
    if size is None or (canvas is not None and canvas != size):
        raise PhotoRefused(Refusal.UNREADABLE)
    return Header("WebP", *size, exif=exif)


def colour_profile(window: Window) -> bytes | None:
    """Return the embedded ICC profile, if there is one."""
    return next((window.at(offset, length) for kind, offset, length in chunks(window) if kind == b"ICCP"), None)


def is_bare(data: bytes) -> bool:
    """Whether a WebP file is one picture chunk and nothing else: no EXIF, XMP, ICC, nor a byte behind."""
    if not is_webp(data):
        return False
    try:
        found = list(chunks(Window(BytesIO(data), len(data))))
    except PhotoRefused:
        return False
    if len(found) != 1 or found[0][0] not in _PIXELS:
        return False
    _, offset, length = found[0]
    return len(data) == offset + length + (length & 1)


def _lossy_size(start: bytes) -> tuple[int, int]:
    if start[3:6] != b"\x9d\x01\x2a":
        raise PhotoRefused(Refusal.UNREADABLE)
    width, height = struct.unpack("<HH", start[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _lossless_size(start: bytes) -> tuple[int, int]:
    if start[0] != 0x2F:
        raise PhotoRefused(Refusal.UNREADABLE)
    (bits,) = struct.unpack("<I", start[1:5])
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
