"""The largest photos that are taken in, decoded within 400 MB."""

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

# A small process of its own plays the worker and reads both peaks: the child would inherit the peak of a large one.
MEASURE = """
import resource, sys
from pathlib import Path
from reports.photos import make_variants
print(list(make_variants(Path(sys.argv[1])).files))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print(next(line.split()[1] for line in Path("/proc/self/status").open() if line.startswith("VmHWM")))
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
    "JPEG, progressive, every colour in full": lambda path: saved(
        path, largest(), "JPEG", progressive=True, subsampling=0
    ),
    "PNG with transparency": lambda path: saved(path, transparent(), "PNG", compress_level=1),
    "WebP, lossless": lambda path: saved(path, largest("L").convert("RGB"), "WebP", method=0, lossless=True),
    "HEIC": lambda path: saved_heic(path, preset="ultrafast", quality=5),
}
"""The heaviest kind of each format."""


@pytest.mark.parametrize("name", PHOTOS)
def test_fifty_megapixels_stay_under_400_mb(name: str, tmp_path: Path) -> None:
    path = tmp_path / "photo"
    PHOTOS[name](path)
    command = [sys.executable, "-c", MEASURE, str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 -- our own words
    widths, child, worker = run.stdout.splitlines()
    assert widths == "[320, 960, 1600]"
    assert int(child) < LIMIT_KB
    assert int(worker) < LIMIT_KB // 4
