"""What goes into the child process and what comes out of it: no library of pictures is needed to know these."""

from dataclasses import dataclass
from typing import Final

from .limits import MAX_VARIANT_HEIGHT, WIDTHS, Format

_TURNED: Final = frozenset({5, 6, 7, 8})


@dataclass(frozen=True, slots=True)
class Header:
    """The shape of a photo: size in pixels as stored, and the EXIF turn (1-8) that makes it upright."""

    format: Format
    width: int
    height: int
    orientation: int

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) as a person sees it."""
        return (self.height, self.width) if self.orientation in _TURNED else (self.width, self.height)


@dataclass(frozen=True, slots=True)
class Picture:
    """One WebP file, ``width`` × ``height`` pixels, upright, sRGB, without metadata."""

    width: int
    height: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Variants:
    """A photo as the portal shows it.

    width, height  of the upright original in pixels, turned as a moderator wished
    phash          16 hex digits, of the picture before anybody changed it
    pictures       from small to large, with the moderator's changes
    look           the largest of them without anything painted over, if there was a change
    """

    width: int
    height: int
    phash: str
    pictures: tuple[Picture, ...]
    look: Picture | None = None

    @property
    def files(self) -> dict[int, bytes]:
        """The WebP files by their width in pixels."""
        return {picture.width: picture.data for picture in self.pictures}


def sizes_for(width: int, height: int) -> list[tuple[int, int]]:
    """(width, height) of each variant of an upright original: at least one, never wider than itself nor too tall."""
    sizes = [(w, max(1, round(height * w / width))) for w in {*WIDTHS, min(width, WIDTHS[0])} if w <= width]
    return sorted(size for size in sizes if size[1] <= MAX_VARIANT_HEIGHT)
