"""From a hostile file to one upright sRGB picture of the largest variant's width. Runs in the child process only.

No step holds more than one full-size copy of the pixels: JPEG and WebP are scaled while they are decoded; PNG and
HEIC are decoded once and reduced strip by strip, so that every conversion (palette, 16 bits, transparency, colour
profile) happens on few rows or after the reduction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from . import jpeg, libwebp, png, webp
from .facts import PhotoFacts
from .refusals import PhotoRefused, Refusal
from .variants import height_for, widths_for
from .window import Window

_Size = tuple[int, int]
_Rows = Callable[[int, int], Image.Image]

_STRIP_PIXELS: Final = 2_000_000
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SPACES: Final = {"RGB": "RGB", "CMYK": "CMYK", "L": "GRAY"}


@dataclass(frozen=True, slots=True)
class _Raw:
    """A picture as stored: at least ``target`` in size, in RGB, L or CMYK, with its colour profile."""

    image: Image.Image
    profile: bytes | None


def decode(file: BinaryIO, facts: PhotoFacts) -> Image.Image:
    """RGB picture, upright, in sRGB, as wide as the largest variant; raises whatever the decoders raise."""
    full_width, full_height = facts.upright_size
    width = widths_for(full_width, full_height)[-1]
    upright = (width, height_for(width, full_width, full_height))
    target = upright if facts.upright_size == (facts.width, facts.height) else upright[::-1]
    window = Window(file, facts.size)
    raw = {"JPEG": _jpeg, "PNG": _png, "WebP": _webp, "HEIC": _heic}[facts.format](window, facts, target)
    image = raw.image
    if image.size != target:
        image = image.resize(target, Image.Resampling.LANCZOS)
    image = _in_srgb(image, raw.profile)
    turn = _UPRIGHT.get(facts.orientation)
    return image if turn is None else image.transpose(turn)


def _jpeg(window: Window, facts: PhotoFacts, target: _Size) -> _Raw:
    data = jpeg.essence(window)
    image = JpegImageFile(BytesIO(data))
    _check_size(image.size, facts)
    image.draft(None, target)  # decodes at 1/2, 1/4 or 1/8, never smaller than the target
    profile = image.info.get("icc_profile")
    image.load()
    if _ends_flat(image) and _swallows_filler(data):
        raise PhotoRefused(Refusal.TRUNCATED)
    return _Raw(_reduce(lambda top, end: image.crop((0, top, image.width, end)), image.size, target), profile)


def _ends_flat(image: Image.Image) -> bool:
    """Whether the last corner is one flat colour, as it is where libjpeg had no data left and filled with grey."""
    corner = image.crop((max(0, image.width - 2), max(0, image.height - 2), *image.size))
    return len(corner.getcolors() or ()) == 1


def _swallows_filler(data: bytes) -> bool:
    """Whether a JPEG that is closed properly has in truth lost data before its end (libjpeg only warns, unheard).

    Decoded twice at 1/8: as it is, and with extra data before its end, which only an incomplete picture would use.
    """
    end = jpeg.end_of_picture(data)
    if end is None:
        return False
    pixels = []
    for version in (data, jpeg.with_filler(data, end)):
        image = JpegImageFile(BytesIO(version))
        image.draft(None, (1, 1))
        try:
            pixels.append(image.tobytes())
        except OSError:
            return True  # the filler was read as data, and made no sense
    return pixels[0] != pixels[1]


def _png(window: Window, facts: PhotoFacts, target: _Size) -> _Raw:
    image = PngImageFile(BytesIO(png.essence(window)))
    _check_size(image.size, facts)
    image.load()
    profile = image.info.get("icc_profile")
    return _Raw(_reduce(lambda top, end: image.crop((0, top, image.width, end)), image.size, target), profile)


def _webp(window: Window, _facts: PhotoFacts, target: _Size) -> _Raw:
    image = libwebp.decode(window.at(0, window.size), target)
    return _Raw(_opaque(image), webp.colour_profile(window))


def _heic(window: Window, facts: PhotoFacts, target: _Size) -> _Raw:
    # Imported here: 30 MB of address space that no other format needs.
    import pillow_heif  # noqa: PLC0415

    pillow_heif.options.DECODE_THREADS = 1  # each thread has its own tile in memory
    pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False
    heif = pillow_heif.open_heif(window.at(0, window.size), convert_hdr_to_8bit=True)
    _check_size(heif.size, facts)
    try:
        pixels = memoryview(heif.data)
    except RuntimeError as error:  # libheif's only sign that memory ran out is the name of its error
        raise (MemoryError() if "Memory allocation" in str(error) else error) from error
    mode, stride, width = heif.mode, heif.stride, heif.size[0]

    def rows(top: int, end: int) -> Image.Image:
        strip = bytes(pixels[top * stride : end * stride])
        return Image.frombytes(mode, (width, end - top), strip, "raw", mode, stride)

    return _Raw(_reduce(rows, heif.size, target), heif.info.get("icc_profile"))


def _check_size(size: _Size, facts: PhotoFacts) -> None:
    """Hold the decoder to the header that was judged: two readings of one file are how bombs pass."""
    if size != (facts.width, facts.height):
        raise PhotoRefused(Refusal.UNREADABLE)


def _reduce(rows: _Rows, size: _Size, target: _Size) -> Image.Image:
    """Average squares of pixels, as large as the target allows, strip by strip, without transparency."""
    width, height = size
    factor = max(1, min(width // target[0], height // target[1]))
    step = factor * max(1, _STRIP_PIXELS // (width * factor))
    reduced: Image.Image | None = None
    for top in range(0, height, step):
        strip = _opaque(rows(top, min(height, top + step))).reduce(factor)
        if reduced is None:
            reduced = Image.new(strip.mode, (strip.width, -(-height // factor)))
        reduced.paste(strip, (0, top // factor))
    if reduced is None:
        raise PhotoRefused(Refusal.UNREADABLE)
    return reduced


def _opaque(image: Image.Image) -> Image.Image:
    """Any mode as RGB, L or CMYK; what is transparent becomes white."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    if image.mode.startswith("I"):  # grey of 16 bits, of which the upper 8 are kept
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return image if image.mode in _SPACES else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Translate the colours of the embedded profile (Display P3 on iPhones) to sRGB.

    A broken profile is ignored, as browsers do: its photo is still worth showing.
    """
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if source.profile.xcolor_space.strip() == _SPACES[image.mode]:
                srgb = ImageCms.createProfile("sRGB")
                translated = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
                return image.convert("RGB") if translated is None else translated
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return image.convert("RGB")
    return image.convert("RGB")
