"""The judgement in the request: what a photo is, before anything is decoded."""

import hashlib
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final

from PIL import ExifTags, Image
from pillow_heif import register_heif_opener

from .limits import MAX_BYTES, MAX_COEFFICIENT_BYTES, MAX_PIXELS, MAX_RATIO, Format
from .refusals import PhotoRefused, Refusal
from .variants import Header

# For the decoder as well: each thread has its own tile in memory; a HEIC's extra pictures are not ours to look at.
register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
Image.init()  # registers Pillow's own readers

_OURS: Final[Mapping[str, Format]] = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WebP", "HEIF": "HEIC"}
"""Pillow's names and ours. MPO is a phone's JPEG with a second picture behind the first, which we leave alone."""
_OPENED: Final = ("JPEG", "PNG", "WEBP", "HEIF")
_BLOCK: Final = 256 * 1024
_SNIFFED: Final = 16
_YEARS: Final = range(1990, 2100)
"""Cameras whose clock was never set say 0000, 1970 or 1980."""
_MAX_UTC_OFFSET_HOURS: Final = 14
_MAX_LATITUDE: Final = 90
_MAX_LONGITUDE: Final = 180


@dataclass(frozen=True, slots=True)
class PhotoFacts(Header):
    """What the bytes of a photo say about it.

    ``taken_at`` is aware when the camera wrote its offset from UTC; otherwise it is **naive**: local time where the
    photo was taken, to be read in the town's zone. ``taken_point`` is (lon, lat), finite, in range, never 0, 0.
    """

    size: int
    sha256: str
    taken_at: datetime | None
    taken_point: tuple[float, float] | None


def inspect(file: BinaryIO, size: int) -> PhotoFacts:
    """Judge a photo by its headers only: a few milliseconds, no pixel decoded, no more memory than the file's size.

    ``file`` is seekable and left at its start; ``size`` is what the sender claims, in bytes, and is not believed.
    Raises :class:`PhotoRefused`, and nothing else whatever the bytes.
    """
    try:
        if size > MAX_BYTES:
            raise PhotoRefused(Refusal.TOO_LARGE)
        real_size, digest = _measure(file)
        image = _opened(file)
        _check(image)
        kind, (width, height) = _OURS[image.format or ""], image.size
        main, details, gps = _exif(image)
    finally:
        file.seek(0)
    orientation: Any = main.get(ExifTags.Base.Orientation)
    if orientation not in range(1, 9) or kind == "HEIC":
        # libheif turns the picture by its own boxes; its EXIF orientation is a duplicate (ISO/IEC 23008-12).
        orientation = 1
    return PhotoFacts(
        format=kind,
        width=width,
        height=height,
        orientation=orientation,
        size=real_size,
        sha256=digest,
        taken_at=_moment(details),
        taken_point=_point(gps),
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


def _opened(file: BinaryIO) -> Image.Image:
    """Open the file with the four readers that we know, and no other; reads the header, not the pixels."""
    file.seek(0)
    start = file.read(_SNIFFED)
    if not any(accept and accept(start) is True for _, accept in map(Image.OPEN.__getitem__, _OPENED)):
        raise PhotoRefused(Refusal.UNKNOWN_FORMAT)
    file.seek(0)
    try:
        return Image.open(file, formats=_OPENED)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused(Refusal.TOO_MANY_PIXELS) from error
    except Exception as error:  # readers raise anything: OSError, struct.error, KeyError, zlib.error …
        raise PhotoRefused(Refusal.UNREADABLE) from error


def _check(image: Image.Image) -> None:
    short, long = sorted(image.size)
    if short < 1:
        raise PhotoRefused(Refusal.UNREADABLE)
    if short * long > MAX_PIXELS:
        raise PhotoRefused(Refusal.TOO_MANY_PIXELS)
    if long > short * MAX_RATIO:
        raise PhotoRefused(Refusal.BAD_SHAPE)
    if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
        raise PhotoRefused(Refusal.ANIMATED)
    # A progressive JPEG keeps two bytes for each coefficient, whatever the size it is decoded at.
    if image.info.get("progressive") and 2 * short * long * len(image.getbands()) > MAX_COEFFICIENT_BYTES:
        raise PhotoRefused(Refusal.TOO_HEAVY)


_Tags = Mapping[int, Any]


def _exif(image: Image.Image) -> tuple[_Tags, _Tags, _Tags]:
    """Return the EXIF block's main, detail and GPS tags; what cannot be read is absent, not a reason to refuse.

    Not ``image.getexif()``: that of a PNG without EXIF decodes the pixels to look behind them.
    """
    main: dict[int, Any] = {}
    details: dict[int, Any] = {}
    gps: dict[int, Any] = {}
    exif = Image.Exif()
    with suppress(Exception):  # as with the header: anything may be raised
        exif.load(image.info.get("exif") or b"")
        main.update(exif)
        details.update(exif.get_ifd(ExifTags.IFD.Exif))
        gps.update(exif.get_ifd(ExifTags.IFD.GPSInfo))
    return main, details, gps


def _moment(details: _Tags) -> datetime | None:
    """Naive local time of the camera, or aware when the camera wrote its offset."""
    local, offset = (_text(details, tag) for tag in (ExifTags.Base.DateTimeOriginal, ExifTags.Base.OffsetTimeOriginal))
    try:
        moment = datetime.strptime(local, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 -- the zone, if any, is read below
    except ValueError:
        return None
    if moment.year not in _YEARS:
        return None
    try:
        aware = datetime.strptime(f"{local} {offset}", "%Y:%m:%d %H:%M:%S %z")
    except ValueError:
        return moment
    shift = aware.utcoffset()
    known = shift is not None and abs(shift.total_seconds()) <= _MAX_UTC_OFFSET_HOURS * 3600
    return aware if known else moment


def _point(gps: _Tags) -> tuple[float, float] | None:
    """(lon, lat); a position without its hemisphere, out of range or at 0, 0 (a receiver without a fix) is none."""
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude]) * {"N": 1, "S": -1}[_text(gps, ExifTags.GPS.GPSLatitudeRef)]
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude]) * {"E": 1, "W": -1}[_text(gps, ExifTags.GPS.GPSLongitudeRef)]
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    if not (math.isfinite(lon) and abs(lat) <= _MAX_LATITUDE and abs(lon) <= _MAX_LONGITUDE):
        return None
    return None if lon == 0 and lat == 0 else (lon, lat)


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = parts
    return float(degrees) + float(minutes) / 60 + float(seconds) / 3600


def _text(tags: _Tags, tag: int) -> str:
    value = tags.get(tag)
    return value.split("\0")[0].strip() if isinstance(value, str) else ""
