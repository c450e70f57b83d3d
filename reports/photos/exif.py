"""Orientation, time and place from an EXIF block: the ten tags that matter, and no others.

Nothing here refuses a photo: what is broken, implausible or absent reads as None. Source: Exif 2.32 §4.6, TIFF 6.0 §2.
"""
# ruff: noqa: PLR2004 -- the numbers are those of the specifications named above

import math
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_EXIF_IFD: Final = 0x8769
_GPS_IFD: Final = 0x8825
_ORIENTATION: Final = 0x0112
_TAKEN_AT: Final = 0x9003
_TAKEN_OFFSET: Final = 0x9011
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4

_UNIT_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_FIRST_YEAR: Final = 1990
"""Cameras whose clock was never set say 0000, 1970 or 1980."""
_MAX_UTC_OFFSET: Final = timedelta(hours=14)

_Directory = dict[int, tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """``orientation`` 1-8; ``taken_at`` aware only if the offset is given; ``taken_point`` is (lon, lat) in degrees."""

    orientation: int = 1
    taken_at: datetime | None = None
    taken_point: tuple[float, float] | None = None


def read_exif(block: bytes | None) -> ExifFacts:
    """Read a TIFF block; never raises, whatever the bytes."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get((block or b"")[:4])
    if block is None or order is None or len(block) < 8:
        return ExifFacts()
    tiff = _Tiff(block, order)
    main = tiff.directory(tiff.integer(block[4:8]), {_ORIENTATION, _EXIF_IFD, _GPS_IFD})
    details = tiff.linked(main, _EXIF_IFD, {_TAKEN_AT, _TAKEN_OFFSET})
    gps = tiff.linked(main, _GPS_IFD, {_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE})
    orientation = tiff.integer(main[_ORIENTATION][1]) if _ORIENTATION in main else 1
    return ExifFacts(
        orientation=orientation if orientation in range(1, 9) else 1,
        taken_at=_moment(_text(details, _TAKEN_AT), _text(details, _TAKEN_OFFSET)),
        taken_point=_point(tiff, gps),
    )


@dataclass(frozen=True, slots=True)
class _Tiff:
    block: bytes
    order: str

    def integer(self, raw: bytes) -> int:
        return int.from_bytes(raw, "little" if self.order == "<" else "big")

    def directory(self, offset: int, wanted: set[int]) -> _Directory:
        """``{tag: (type, raw value)}`` of the wanted tags that can be read whole."""
        found: _Directory = {}
        for index in range(self.integer(self.block[offset : offset + 2])):
            entry = self.block[offset + 2 + 12 * index : offset + 14 + 12 * index]
            if len(entry) < 12:
                break
            tag, kind, count = struct.unpack(f"{self.order}HHI", entry[:8])
            length = count * _UNIT_BYTES.get(kind, 0)
            start = self.integer(entry[8:12])
            raw = entry[8 : 8 + length] if length <= 4 else self.block[start : start + length]
            if tag in wanted and length and len(raw) == length:
                found.setdefault(tag, (kind, raw))
        return found

    def linked(self, main: _Directory, tag: int, wanted: set[int]) -> _Directory:
        return self.directory(self.integer(main[tag][1]), wanted) if tag in main else {}

    def degrees(self, value: tuple[int, bytes]) -> float | None:
        """Degrees, minutes, seconds as three fractions; None when one of them is not a number."""
        kind, raw = value
        if kind not in {5, 10} or len(raw) != 24:
            return None
        numbers: tuple[int, ...] = struct.unpack(f"{self.order}6{'I' if kind == 5 else 'i'}", raw)
        parts = list(zip(numbers[::2], numbers[1::2], strict=True))
        if any(denominator == 0 for _, denominator in parts):
            return None
        return sum((over / under / unit for (over, under), unit in zip(parts, (1, 60, 3600), strict=True)), 0.0)


def _text(directory: _Directory, tag: int) -> str:
    kind, raw = directory.get(tag, (0, b""))
    return raw.split(b"\0")[0].decode("ascii", "replace").strip() if kind == 2 else ""


def _moment(local: str, offset: str) -> datetime | None:
    """Naive local time of the camera, or aware when ``offset`` is known."""
    try:
        moment = datetime.strptime(local, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 -- the zone, if any, is read below
    except ValueError:
        return None
    if moment.year < _FIRST_YEAR:
        return None
    match = _OFFSET.fullmatch(offset)
    if match is None:
        return moment.replace(tzinfo=UTC) if offset == "Z" else moment
    shift = timedelta(hours=int(match[2]), minutes=int(match[3])) * (-1 if match[1] == "-" else 1)
    return moment.replace(tzinfo=timezone(shift)) if abs(shift) <= _MAX_UTC_OFFSET else moment


def _point(tiff: _Tiff, gps: _Directory) -> tuple[float, float] | None:
    """(lon, lat); a position without its hemisphere, out of range or at 0, 0 (a receiver without a fix) is none."""
    if _LATITUDE not in gps or _LONGITUDE not in gps:
        return None
    lat, lon = tiff.degrees(gps[_LATITUDE]), tiff.degrees(gps[_LONGITUDE])
    lat_sign = {"N": 1, "S": -1}.get(_text(gps, _LATITUDE_REF).upper())
    lon_sign = {"E": 1, "W": -1}.get(_text(gps, _LONGITUDE_REF).upper())
    if lat is None or lon is None or lat_sign is None or lon_sign is None:
        return None
    lon, lat = lon * lon_sign, lat * lat_sign
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        return None
    return None if lon == 0 and lat == 0 else (lon, lat)
