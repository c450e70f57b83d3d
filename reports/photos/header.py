"""What the four header parsers have in common."""

from dataclasses import dataclass

from .limits import Format


@dataclass(frozen=True, slots=True)
class Header:
    """What a container says about its picture, without a pixel decoded.

    ``width`` and ``height`` are in pixels as stored, except for HEIC (``upright``), whose decoders turn the picture
    themselves: there they are as shown. ``exif`` is a TIFF block, or None.
    """

    format: Format
    width: int
    height: int
    exif: bytes | None = None
    upright: bool = False
