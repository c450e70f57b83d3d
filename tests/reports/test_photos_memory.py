"""The largest photos that are taken in, decoded within 400 MB."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from reports.photos import MAX_PIXELS
from tests.reports.photo_samples import street

SIZE = (8660, 5773)
LIMIT_KB = 400 * 1024
ROOT = Path(__file__).parents[2]

# A small process of its own starts the decoder and reads its peak: the decoder would inherit the peak of a large one.
MEASURE = """
import resource, subprocess, sys
with open(sys.argv[1], "rb") as photo:
    answer = subprocess.run([sys.executable, "-m", "reports.photos.child"], stdin=photo, stdout=subprocess.PIPE).stdout
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(answer.split(b"\\n")[0].decode())
"""


def largest(mode: str = "RGB") -> Image.Image:
    assert 49_900_000 < SIZE[0] * SIZE[1] <= MAX_PIXELS
    return street(*SIZE, mode)


def transparent() -> Image.Image:
    image = largest("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(SIZE))
    return image


def saved(path: Path, image: Image.Image, kind: str, **options: object) -> None:
    image.save(path, kind, **options)


def saved_heic(path: Path, **options: object) -> None:
    pillow_heif.from_pillow(largest()).save(path, **options)


PHOTOS: dict[str, Callable[[Path], None]] = {
    "JPEG": lambda path: saved(path, largest(), "JPEG"),
    "JPEG, progressive, every colour in full": lambda path: saved(
        path, largest(), "JPEG", progressive=True, subsampling=0
    ),
    "PNG": lambda path: saved(path, largest(), "PNG", compress_level=1),
    "PNG with transparency": lambda path: saved(path, transparent(), "PNG", compress_level=1),
    "PNG of 16 bits": lambda path: saved(
        path, Image.frombytes("I;16", SIZE, bytes(2 * SIZE[0] * SIZE[1])), "PNG", compress_level=1
    ),
    "WebP": lambda path: saved(path, largest(), "WebP", method=0),
    "WebP with transparency": lambda path: saved(path, transparent(), "WebP", method=0, alpha_quality=10),
    "WebP, lossless": lambda path: saved(path, largest("L").convert("RGB"), "WebP", method=0, lossless=True),
    "HEIC": saved_heic,
    "HEIC in tiles, as iPhones write it": lambda path: saved_heic(path, tile_size=512),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_fifty_megapixels_stay_under_400_mb(name: str, tmp_path: Path) -> None:
    path = tmp_path / "photo"
    PHOTOS[name](path)
    command = [sys.executable, "-c", MEASURE, str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 -- our own words
    peak, answer = run.stdout.splitlines()
    assert [picture[0] for picture in json.loads(answer)["pictures"]] == [320, 960, 1600]
    assert int(peak) < LIMIT_KB
