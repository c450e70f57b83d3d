"""JPEG: size and EXIF from the markers, and only the segments that pixels need for the decoder.

Source: ITU-T T.81 annex B (markers), Exif 2.32 §4.7 (APP1), ICC.1 annex B.4 (APP2).
"""
# ruff: noqa: PLR2004 -- the numbers are those of the specifications named above

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .header import Header
from .limits import MAX_COEFFICIENT_BYTES, MAX_PIXELS
from .refusals import PhotoRefused, Refusal
from .window import Window

MAGIC: Final = b"\xff\xd8\xff"
EOI: Final = b"\xff\xd9"

_MAX_SEGMENTS: Final = 2000
_SOS: Final = 0xDA
_EXIF: Final = b"Exif\0\0"
_ICC: Final = b"ICC_PROFILE\0"
_ADOBE: Final = 0xEE
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_TABLES: Final = frozenset({0xC4, 0xCC, 0xDB, 0xDD})
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_MARKER_IN_SCAN: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    start: int
    payload: int
    length: int


def _segments(window: Window) -> Iterator[_Segment]:
    """Every segment up to and including the first start of scan."""
    position = 2
    for _ in range(_MAX_SEGMENTS):
        start = position
        if window.at(position, 1) != b"\xff":
            raise PhotoRefused(Refusal.UNREADABLE)
        marker = 0xFF
        while marker == 0xFF:  # any number of fill bytes may stand before a marker
            position += 1
            if position - start > _MAX_SEGMENTS:
                raise PhotoRefused(Refusal.UNREADABLE)
            marker = window.at(position, 1)[0]
        position += 1
        if marker in _BARE:
            continue
        if marker == EOI[1]:
            break
        (length,) = struct.unpack(">H", window.at(position, 2))
        if length < 2:
            break
        yield _Segment(marker, start, position + 2, length - 2)
        if marker == _SOS:
            return
        position += length
    raise PhotoRefused(Refusal.UNREADABLE)


def read_header(window: Window) -> Header:
    """Size from the frame header, EXIF from the first APP1; raises :class:`PhotoRefused`."""
    size: tuple[int, int] | None = None
    exif: bytes | None = None
    for segment in _segments(window):
        if segment.marker in _FRAMES and size is None:
            height, width, components = struct.unpack(">xHHB", window.at(segment.payload, 6))
            size = (width, height)
            # A progressive picture keeps two bytes for each coefficient, whatever the size it is decoded at.
            if segment.marker in _PROGRESSIVE and 2 * width * height * components > MAX_COEFFICIENT_BYTES:
                too_heavy = width * height <= MAX_PIXELS
                raise PhotoRefused(Refusal.TOO_HEAVY if too_heavy else Refusal.TOO_MANY_PIXELS)
        elif segment.marker == 0xE1 and exif is None and segment.length > len(_EXIF):
            payload = window.at(segment.payload, segment.length)
            if payload.startswith(_EXIF):
                exif = payload[len(_EXIF) :]
    if size is None:
        raise PhotoRefused(Refusal.UNREADABLE)
    return Header("JPEG", *size, exif=exif)


def essence(window: Window) -> bytes:
    """Return the same JPEG with tables, frame, colour profile and scans only.

    EXIF, XMP, thumbnails, second pictures and vendors' blocks never reach the decoder: less to attack, and a photo
    whose EXIF is broken is still a photo.
    """
    parts = [MAGIC[:2]]
    for segment in _segments(window):
        if segment.marker == _SOS:
            parts.append(window.at(segment.start, window.size - segment.start))
            break
        payload = window.at(segment.payload, segment.length)
        profile = segment.marker == 0xE2 and payload.startswith(_ICC)
        if profile or segment.marker == _ADOBE or segment.marker in _FRAMES or segment.marker in _TABLES:
            parts += (struct.pack(">BBH", 0xFF, segment.marker, segment.length + 2), payload)
    return b"".join(parts)


def end_of_picture(data: bytes) -> int | None:
    """Find the first EOI marker after the scans in ``data`` (an :func:`essence`), or None."""
    position = 2
    while (found := _MARKER_IN_SCAN.search(data, position)) is not None:
        position = found.start()
        if data[position + 1] == EOI[1]:
            return position
        if position + 4 > len(data):
            return None
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    return None


def with_filler(data: bytes, end: int) -> bytes:
    """Return the same JPEG with extra entropy-coded bytes before its EOI at ``end``.

    A complete picture has no use for them and decodes to the same pixels; a picture that was cut and closed with an EOI
    swallows them. The restart markers let a picture with restart intervals swallow them too.
    """
    noise = bytes((137 * i * i + 31 * i + 7) % 251 for i in range(512))  # never 0xFF
    filler = b"".join(noise + bytes((0xFF, 0xD0 + i)) for i in range(8)) + noise
    return data[:end] + filler + data[end:]
