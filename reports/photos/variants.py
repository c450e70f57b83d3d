"""The pictures that the portal shows, made from one upright picture."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from .limits import MAX_VARIANT_HEIGHT, WEBP_QUALITY, WIDTHS


@dataclass(frozen=True, slots=True)
class Picture:
    """One WebP file, ``width`` × ``height`` pixels, upright, sRGB, without metadata."""

    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Variants:
    """The upright original's size in pixels, its perceptual hash (16 hex digits), its pictures from small to large."""

    width: int
    height: int
    phash: str
    pictures: tuple[Picture, ...]

    @property
    def files(self) -> dict[int, bytes]:
        """The WebP files by their width in pixels."""
        return {picture.width: picture.data for picture in self.pictures}


def widths_for(width: int, height: int) -> tuple[int, ...]:
    """Which variants an upright original gets: never wider than itself, never absurdly tall, always at least one."""
    fitting = tuple(w for w in WIDTHS if w <= width and height_for(w, width, height) <= MAX_VARIANT_HEIGHT)
    return fitting or (min(width, WIDTHS[0]),)


def height_for(width: int, full_width: int, full_height: int) -> int:
    """Height in pixels that keeps the proportions at ``width``; at least 1."""
    return max(1, round(full_height * width / full_width))


def render(largest: Image.Image, full_size: tuple[int, int]) -> Variants:
    """All variants from an RGB picture that already has the width of the largest one."""
    pictures = tuple(_picture(largest, width, full_size) for width in widths_for(*full_size))
    return Variants(*full_size, phash=perceptual_hash(largest), pictures=pictures)


def _picture(largest: Image.Image, width: int, full_size: tuple[int, int]) -> Picture:
    height = height_for(width, *full_size)
    image = largest.resize((width, height), Image.Resampling.LANCZOS) if largest.size != (width, height) else largest
    out = BytesIO()
    # Empty on purpose: Pillow would otherwise copy what the picture still carries in ``info``.
    image.save(out, "WEBP", quality=WEBP_QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return Picture(width, height, out.getvalue())


def perceptual_hash(image: Image.Image) -> str:
    """64 bits as 16 hex digits: does it get brighter from each of 9 × 8 squares to the next one on its right (dHash).

    Survives scaling, re-encoding and small changes of light: copies of one picture differ in a few bits, others in
    about 32.
    """
    grey = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = (grey[9 * row + column] < grey[9 * row + column + 1] for row in range(8) for column in range(8))
    return f"{sum(bit << place for place, bit in enumerate(bits)):016x}"
