"""PNG: size and EXIF from the chunks, and only the chunks that pixels need for the decoder.

Source: W3C Portable Network Graphics, third edition, sections 5, 7, 8 and 11.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from .header import Header
from .limits import MAX_EXIF_BYTES
from .refusals import PhotoRefused, Refusal
from .window import Window

MAGIC: Final = b"\x89PNG\r\n\x1a\n"

_MAX_CHUNKS: Final = 50_000
_ESSENTIAL: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"IDAT", b"IEND"})
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PLAIN: Final = ((0, 0, 1, 1),)
_ADAM7: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_STEP: Final = 1024 * 1024


def _chunks(window: Window) -> Iterator[tuple[bytes, int, int]]:
    """``(type, offset, length)`` of every chunk's payload, IHDR first, IEND last."""
    position = len(MAGIC)
    for _ in range(_MAX_CHUNKS):
        length, kind = struct.unpack(">I4s", window.at(position, 8))
        if (position == len(MAGIC)) != (kind == b"IHDR") or position + 12 + length > window.size:
            raise PhotoRefused(Refusal.UNREADABLE if length > window.size else Refusal.TRUNCATED)
        yield kind, position + 8, length
        if kind == b"IEND":
            return
        position += 12 + length
    raise PhotoRefused(Refusal.UNREADABLE)


def read_header(window: Window) -> Header:
    """Size from IHDR, EXIF from eXIf; raises :class:`PhotoRefused`, also when the end of the file is missing."""
    width = height = 0
    exif: bytes | None = None
    for kind, offset, length in _chunks(window):
        if kind == b"IHDR":
            width, height = struct.unpack(">II", window.at(offset, 8))
        elif kind == b"acTL":
            raise PhotoRefused(Refusal.ANIMATED)
        elif kind == b"eXIf" and exif is None and length <= MAX_EXIF_BYTES:
            exif = window.at(offset, length)
    return Header("PNG", width, height, exif=exif)


def essence(window: Window) -> bytes:
    """Return the same PNG with the chunks that make its pixels only.

    Raises :class:`PhotoRefused` when pixels are missing:
    Pillow takes a picture whose compressed data stop early and leaves the rest black, so the data are counted first.
    """
    parts = [MAGIC]
    expected = 0
    inflater = zlib.decompressobj()
    for kind, offset, length in _chunks(window):
        if kind not in _ESSENTIAL:
            continue
        parts.append(window.at(offset - 8, length + 12))
        payload = parts[-1][8:-4]
        if kind == b"IHDR":
            expected = _scanline_bytes(payload)
        elif kind == b"IDAT":
            expected -= _inflated(inflater, payload, expected)
    if expected > 0:
        raise PhotoRefused(Refusal.TRUNCATED)
    return b"".join(parts)


def _scanline_bytes(ihdr: bytes) -> int:
    """How many bytes all scanlines have before compression, filter bytes included."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", ihdr)
    if colour not in _CHANNELS:
        raise PhotoRefused(Refusal.UNREADABLE)
    total = 0
    for left, top, step_x, step_y in _ADAM7 if interlaced else _PLAIN:
        columns = (width - left + step_x - 1) // step_x
        rows = (height - top + step_y - 1) // step_y
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * depth * _CHANNELS[colour] + 7) // 8)
    return total


def _inflated(inflater: "zlib._Decompress", payload: bytes, wanted: int) -> int:
    """Length of ``payload`` inflated, a megabyte at a time and no further than ``wanted``: bombs stay folded."""
    total = 0
    while payload and total < wanted and not inflater.eof:
        total += len(inflater.decompress(payload, _STEP))
        payload = inflater.unconsumed_tail
    return total
