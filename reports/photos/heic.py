"""HEIC: size, turn, EXIF and completeness from the boxes, without libheif.

Source: ISO/IEC 14496-12 (boxes, ``meta``, ``iloc``, ``iinf``) and 23008-12 (``ispe``, ``irot``, Exif items).
"""
# ruff: noqa: PLR2004 -- the numbers are those of the specifications named above

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .header import Header
from .limits import MAX_EXIF_BYTES
from .refusals import PhotoRefused, Refusal
from .window import Window

_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1"})
_CODED: Final = frozenset({b"hvc1", b"grid", b"iden", b"iovl"})
_MAX_META_BYTES: Final = 1024 * 1024
_MAX_BOXES: Final = 2000
_MAX_PADDING: Final = 64
"""Pixels: the largest coding block of HEVC."""
_MAX_EXTENTS: Final = 20_000

_Extent = tuple[int, int]


def is_heic(start: bytes) -> bool:
    """Tell a HEIF file by its brands (major and compatible); AVIF is another format."""
    if start[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(start[:4]), len(start))
    brands = {start[8:12], *(start[i : i + 4] for i in range(16, end - 3, 4))}
    return bool(brands & _BRANDS) and start[8:12] not in {b"avif", b"avis"}


class _Cursor:
    """Reads big-endian numbers one after the other; running out means nonsense, the box being whole."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._position

    def take(self, length: int) -> bytes:
        if length > self.left:
            raise PhotoRefused(Refusal.UNREADABLE)
        self._position += length
        return self._data[self._position - length : self._position]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length))

    def version(self) -> int:
        """Skip the flags of a full box, return its version."""
        return self.number(4) >> 24


@dataclass(slots=True)
class _Meta:
    """What is needed of the ``meta`` box: items by their number."""

    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    extents: dict[int, list[_Extent]] = field(default_factory=dict)
    properties: list[tuple[bytes, bytes]] = field(default_factory=list)
    owned: dict[int, list[int]] = field(default_factory=dict)

    def of_primary(self, kind: bytes) -> bytes | None:
        """Payload of the primary item's first property of this kind."""
        for index in self.owned.get(self.primary, ()):
            if 0 < index <= len(self.properties) and self.properties[index - 1][0] == kind:
                return self.properties[index - 1][1]
        return None


def read_header(window: Window) -> Header:
    """Size as shown, EXIF block; raises :class:`PhotoRefused`, also when a part of the picture lies beyond the end.

    libheif fills missing tiles of a cut file in silence, hence the check here.
    """
    meta = _read_meta(window)
    kind = meta.kinds.get(meta.primary)
    if kind not in _CODED:
        raise PhotoRefused(Refusal.UNKNOWN_FORMAT if kind else Refusal.UNREADABLE)
    if any(offset + length > window.size for extents in meta.extents.values() for offset, length in extents):
        raise PhotoRefused(Refusal.TRUNCATED)
    size = meta.of_primary(b"ispe")
    if size is None or len(size) < 12:
        raise PhotoRefused(Refusal.UNREADABLE)
    width, height = _cropped(int.from_bytes(size[4:8]), int.from_bytes(size[8:12]), meta.of_primary(b"clap"))
    turn = meta.of_primary(b"irot")
    if turn and turn[0] & 1:
        width, height = height, width
    return Header("HEIC", width, height, exif=_exif(window, meta), upright=True)


def _cropped(width: int, height: int, clap: bytes | None) -> tuple[int, int]:
    """Take off the padding that coders add up to their block size; a larger cut would hide what must be decoded."""
    if clap is None or len(clap) < 16:
        return width, height
    wide, wide_by, high, high_by = struct.unpack(">4I", clap[:16])
    if not wide_by or not high_by:
        raise PhotoRefused(Refusal.UNREADABLE)
    shown = (wide // wide_by, high // high_by)
    padded = 0 <= width - shown[0] <= _MAX_PADDING and 0 <= height - shown[1] <= _MAX_PADDING
    return shown if padded else (width, height)


def _boxes(window: Window, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """``(type, offset, length)`` of the payload of each box from ``position`` to ``end``."""
    for _ in range(_MAX_BOXES):
        if position + 8 > end:
            return
        start = window.at(position, 8)
        length, header = int.from_bytes(start[:4]), 8
        if length == 1:
            length, header = int.from_bytes(window.at(position + 8, 8)), 16
        elif length == 0:  # "to the end of the file"
            length = end - position
        if length < header:
            raise PhotoRefused(Refusal.UNREADABLE)
        yield start[4:8], position + header, length - header
        position += length
    raise PhotoRefused(Refusal.UNREADABLE)


def _inner(payload: bytes) -> Iterator[tuple[bytes, bytes]]:
    """``(type, payload)`` of the boxes inside a payload that was already read."""
    cursor = _Cursor(payload)
    while cursor.left >= 8:
        length, kind = cursor.number(4), cursor.take(4)
        if length < 8:
            raise PhotoRefused(Refusal.UNREADABLE)
        yield kind, cursor.take(length - 8)


def _read_meta(window: Window) -> _Meta:
    for kind, offset, length in _boxes(window, 0, window.size):
        if kind != b"meta":
            continue
        if length > _MAX_META_BYTES:
            raise PhotoRefused(Refusal.UNREADABLE)
        meta = _Meta()
        for inner, payload in _inner(window.at(offset, length)[4:]):
            if inner == b"pitm":
                cursor = _Cursor(payload)
                meta.primary = cursor.number(2 if cursor.version() == 0 else 4)
            elif inner == b"iinf":
                meta.kinds = _item_kinds(payload)
            elif inner == b"iloc":
                meta.extents = _item_extents(payload)
            elif inner == b"iprp":
                _read_properties(payload, meta)
        return meta
    raise PhotoRefused(Refusal.UNREADABLE)


def _item_kinds(payload: bytes) -> dict[int, bytes]:
    cursor = _Cursor(payload)
    cursor.take(2 if cursor.version() == 0 else 4)
    kinds: dict[int, bytes] = {}
    for kind, entry in _inner(cursor.take(cursor.left)):
        item = _Cursor(entry)
        version = item.version()
        if kind != b"infe" or version < 2:
            continue
        number = item.number(2 if version == 2 else 4)
        item.take(2)
        kinds[number] = item.take(4)
    return kinds


def _item_extents(payload: bytes) -> dict[int, list[_Extent]]:
    """Absolute (offset, length) of the items' parts in the file; parts inside ``meta`` itself are left out."""
    cursor = _Cursor(payload)
    version = cursor.version()
    sizes = cursor.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    extents: dict[int, list[_Extent]] = {}
    budget = _MAX_EXTENTS  # an extent may take no bytes at all in the box: counting them is the only bound
    for _ in range(cursor.number(wide)):
        number = cursor.number(wide)
        in_file = not version or cursor.number(2) & 15 == 0
        cursor.take(2)
        base = cursor.number(base_size)
        count = cursor.number(2)
        budget -= 1 + count
        if budget < 0:
            raise PhotoRefused(Refusal.UNREADABLE)
        parts = []
        for _ in range(count):
            cursor.take(index_size)
            parts.append((base + cursor.number(offset_size), cursor.number(length_size)))
        if in_file:
            extents[number] = parts
    return extents


def _read_properties(payload: bytes, meta: _Meta) -> None:
    for kind, inside in _inner(payload):
        if kind == b"ipco":
            meta.properties = list(_inner(inside))
        elif kind == b"ipma":
            cursor = _Cursor(inside)
            head = cursor.number(4)
            version, wide = head >> 24, head & 1
            for _ in range(cursor.number(4)):
                number = cursor.number(4 if version else 2)
                meta.owned[number] = [
                    cursor.number(2) & 0x7FFF if wide else cursor.number(1) & 0x7F for _ in range(cursor.number(1))
                ]


def _exif(window: Window, meta: _Meta) -> bytes | None:
    """TIFF block of the first Exif item: four bytes say how far behind them it starts."""
    number = next((n for n, kind in meta.kinds.items() if kind == b"Exif"), None)
    extents = meta.extents.get(number, []) if number is not None else []
    if not 4 < sum(length for _, length in extents) <= MAX_EXIF_BYTES:
        return None
    data = b"".join(window.at(offset, length) for offset, length in extents)
    return data[4 + int.from_bytes(data[:4]) :]
