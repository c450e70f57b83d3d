"""Photographs made up by the tests, and the real ones where the shared data lie beside the checkout."""

import gc
import os
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageCms

from reports.photos import Variants, inspect
from reports.photos.decode import make

IMAGES = Path(os.environ.get("FMQ_SHARED_DATA", Path(__file__).parents[2] / "../shared/data")) / "images"

needs_shared_images = pytest.mark.skipif(not IMAGES.is_dir(), reason="the shared data (../shared/data) are not here")

FORMATS = ("JPEG", "PNG", "WebP", "HEIC")


def street(width: int = 480, height: int = 320, mode: str = "RGB") -> Image.Image:
    """A picture with a bright left top and a dark right bottom, smooth enough to survive lossy coding."""
    grey = Image.new("L", (2, 2))
    grey.putdata([250, 120, 90, 20])
    return grey.resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The file that a phone would send."""
    out = BytesIO()
    if kind == "HEIC":
        pillow_heif.from_pillow(image).save(out, **options)
    else:
        image.save(out, kind, **options)
    return out.getvalue()


def made_here(data: bytes) -> Variants:
    """Judge and decode in this process: the same pictures as ``make_variants`` gives, without the start of a child."""
    facts = inspect(BytesIO(data), len(data))
    gc.disable()  # as the child does, and for its reason
    try:
        return make(data, facts)
    finally:
        gc.enable()


def exif(
    *,
    orientation: int | None = None,
    gps: tuple[Any, Any, Any, Any] | None = None,
    taken: str | None = None,
    offset: str | None = None,
) -> bytes:
    """An EXIF block; ``gps`` is (latitude reference, three fractions, longitude reference, three fractions)."""
    block = Image.Exif()
    if orientation is not None:
        block[0x0112] = orientation
    if gps is not None:
        block.get_ifd(0x8825).update(dict(zip((1, 2, 3, 4), gps, strict=True)))
    details = {0x9003: taken, 0x9011: offset}
    block.get_ifd(0x8769).update({tag: value for tag, value in details.items() if value is not None})
    return block.tobytes()


YAOUNDE = ("N", (3.0, 51.0, 57.6), "E", (11.0, 31.0, 1.2))
"""3.866, 11.517 in degrees, minutes and seconds."""


def png(ihdr: tuple[int, int, int, int, int], scanlines: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG by hand: (width, height, depth, colour type, interlaced), raw scanlines, chunks before the pixels."""
    width, height, depth, colour, interlaced = ihdr
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    chunks = [(b"IHDR", head), *extra, (b"IDAT", zlib.compress(scanlines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, payload) for kind, payload in chunks)


def _png_chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def webp_chunks(data: bytes) -> list[bytes]:
    """The types of the RIFF chunks of a WebP file, read here on our own."""
    found, position = [], 12
    while position < len(data):
        kind, length = struct.unpack("<4sI", data[position : position + 8])
        found.append(kind)
        position += 8 + length + (length & 1)
    return found


def box(kind: bytes, *payload: bytes) -> bytes:
    """One box of an ISO base media file."""
    content = b"".join(payload)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def display_p3() -> bytes:
    """Apple's profile in all that matters: sRGB's with the primaries of P3 (adapted to D50)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {b"rXYZ": (0.51512, 0.2412, -0.00105), b"gXYZ": (0.29198, 0.69225, 0.04189)}
    primaries[b"bXYZ"] = (0.1571, 0.06657, 0.78407)
    for index in range(int.from_bytes(profile[128:132])):
        tag, offset, _ = struct.unpack(">4sII", profile[132 + 12 * index : 144 + 12 * index])
        if tag in primaries:
            numbers = (round(value * 65536) for value in primaries[tag])
            profile[offset + 8 : offset + 20] = struct.pack(">3i", *numbers)
    return bytes(profile)
