"""From a hostile file to the pictures that the portal shows. Runs in the child process only.

libvips scales JPEG and WebP while it decodes them and streams PNG row by row, so that no full-size picture is ever in
memory. Only HEIC, which its wheel cannot read, is decoded as a whole by libheif.
"""

import pyvips  # type: ignore[import-untyped]  # it ships a stub for half of itself only
from pillow_heif import open_heif

from .changes import Change, Rectangle
from .limits import WEBP_QUALITY
from .refusals import PhotoRefused, Refusal
from .variants import Header, Picture, Variants, sizes_for

# Of the many formats that libvips reads, three; the others are parsers that nobody needs here.
pyvips.operation_block_set("VipsForeignLoad", True)  # noqa: FBT003 -- libvips' own way of saying it
for _loader in ("Jpeg", "Png", "Webp"):
    pyvips.operation_block_set(f"VipsForeignLoad{_loader}", False)  # noqa: FBT003
pyvips.cache_set_max(0)  # what is no longer needed shall leave the memory at once

_REASONS = {
    "premature end": Refusal.TRUNCATED,
    "Unexpected end of file": Refusal.TRUNCATED,
    "nsufficient memory": Refusal.TOO_HEAVY,
    "out of memory": Refusal.TOO_HEAVY,
    "Memory allocation": Refusal.TOO_HEAVY,
}
"""What the libraries say, for want of error codes; everything else is unreadable."""
_HARMLESS = "Invalid SOS parameters"
"""libjpeg's warning on every photo of some Samsung phones."""
UNCHANGED = Change()
LYING = (90, 270)
PAINT = 40
"""The grey of what is painted over: dark, and not quite the black of a broken picture."""
_SCALED = {"size": "force", "output_profile": "srgb", "no_rotate": True}


def make(data: bytes, header: Header, change: Change = UNCHANGED) -> Variants:
    """All variants of a photo. Raises :class:`PhotoRefused` when it cannot be shown whole."""
    lies = change.rotation in LYING
    shown = header.upright_size[::-1] if lies else header.upright_size
    sizes = sizes_for(*shown)
    try:
        upright = _largest(data, header, sizes[-1][::-1] if lies else sizes[-1])
        largest = _turned(_painted(upright, change.masks), change.rotation)
        pictures = tuple(Picture(*size, _webp(largest, size)) for size in sizes)
        look = None if change.is_none else Picture(*sizes[-1], _webp(_turned(upright, change.rotation), sizes[-1]))
        return Variants(*shown, phash=_perceptual_hash(upright), pictures=pictures, look=look)
    except (pyvips.Error, RuntimeError, ValueError, OSError) as error:  # all but the first are libheif's
        reasons = (code for words, code in _REASONS.items() if words in str(error))
        raise PhotoRefused(next(reasons, Refusal.UNREADABLE)) from error


def _largest(data: bytes, header: Header, size: tuple[int, int]) -> pyvips.Image:
    """Return the picture in memory, in sRGB, on white and, last of all, turned to ``size``."""
    width, height = size if header.upright_size == (header.width, header.height) else size[::-1]
    scaled = (_heic if header.format == "HEIC" else _streamed)(data, (width, height))
    flat = scaled.colourspace("srgb")
    flat = (flat.flatten(background=255) if flat.hasalpha() else flat).copy_memory().copy()
    flat.set_type(pyvips.GValue.gint_type, "orientation", header.orientation)
    return flat.autorot()


def _streamed(data: bytes, size: tuple[int, int]) -> pyvips.Image:
    try:
        return _thumbnail(data, size, fail_on="warning")
    except pyvips.Error as error:
        if _HARMLESS not in str(error):
            raise
        return _thumbnail(data, size, fail_on="truncated")


def _thumbnail(data: bytes, size: tuple[int, int], *, fail_on: str) -> pyvips.Image:
    """Scale while decoding. "warning", because a JPEG that was cut and closed again is no more than that to libjpeg."""
    # As an option of the loader: the operation's own argument is ignored for buffers (libvips issue 5195).
    options = f"[fail_on={fail_on}]"
    return pyvips.Image.thumbnail_buffer(data, size[0], height=size[1], option_string=options, **_SCALED).copy_memory()


def _heic(data: bytes, size: tuple[int, int]) -> pyvips.Image:
    heif = open_heif(data, convert_hdr_to_8bit=True)
    bands = len(heif.mode)
    image = pyvips.Image.new_from_memory(heif.data, *heif.size, bands, "uchar")
    image = image.copy(interpretation="srgb" if bands > len("LA") else "b-w")
    if profile := heif.info.get("icc_profile"):
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image.thumbnail_image(size[0], height=size[1], **_SCALED)


def _painted(image: pyvips.Image, masks: tuple[Rectangle, ...]) -> pyvips.Image:
    """Paint rectangles over, in one colour: what is only blurred can be guessed."""
    for mask in masks:
        image = image.draw_rect([PAINT] * image.bands, *mask.pixels(image.width, image.height), fill=True)
    return image


def _turned(image: pyvips.Image, degrees: int) -> pyvips.Image:
    return image.rot(f"d{degrees}") if degrees else image


def _webp(largest: pyvips.Image, size: tuple[int, int]) -> bytes:
    image = largest.resize(size[0] / largest.width, vscale=size[1] / largest.height)
    data: bytes = image.webpsave_buffer(Q=WEBP_QUALITY, keep="none")
    return data


def _perceptual_hash(image: pyvips.Image) -> str:
    """64 bits as 16 hex digits: does it get brighter from each of 9 × 8 squares to the next one on its right (dHash).

    Survives scaling, re-encoding and small changes of light: copies of one picture differ in a few bits, others in
    about 32.
    """
    small = image.resize(9 / image.width, vscale=8 / image.height, kernel="linear")
    grey: bytes = small.colourspace("b-w").write_to_memory()
    bits = (grey[9 * row + column] < grey[9 * row + column + 1] for row in range(8) for column in range(8))
    return f"{sum(bit << place for place, bit in enumerate(bits)):016x}"
