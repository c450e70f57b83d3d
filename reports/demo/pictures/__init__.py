"""Pictures that the project draws for its demonstration town: one street per variant, before and after its repair."""

from dataclasses import dataclass
from io import BytesIO
from typing import Protocol

from PIL import Image

from reports.demo.pictures import road, roadside
from reports.demo.pictures.canvas import HEIGHT, WIDTH, Canvas
from reports.demo.pictures.street import DUSK, EVENING, MORNING, NOON, RAIN, Light, street

SIZES = (320, 960, 1600)
WEBP_QUALITY = 82


class Painter(Protocol):
    """Paints one problem, or its repair, on a street."""

    def __call__(self, canvas: Canvas, light: Light, *, repaired: bool) -> None: ...


PAINTERS: dict[str, Painter] = {
    "pothole": road.pothole,
    "rubbish": road.rubbish,
    "lamp": roadside.lamp,
    "leak": road.leak,
    "drain": road.drain,
    "flood": road.flood,
    "noise": roadside.noise,
    "tree": roadside.fallen_tree,
    "sign": roadside.sign,
    "traffic-light": roadside.traffic_light,
    "manhole": road.manhole,
    "wire": roadside.wire,
    "market": roadside.market,
    "bench": roadside.bench,
    "building": roadside.wall,
    "other": road.wreck,
}
# The most reported problems have several pictures.
VARIANTS = {"rubbish": 3, "pothole": 3, "lamp": 2, "leak": 2, "tree": 2}
LIGHTS = {"lamp": (DUSK, DUSK), "noise": (DUSK,), "flood": (RAIN,)}
DAYLIGHT = (MORNING, NOON, EVENING)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's name: the problem, which of its streets, and whether the repair is shown."""

    problem: str
    variant: int
    repaired: bool

    def __str__(self) -> str:
        return f"{self.problem}-{self.variant}-{'after' if self.repaired else 'before'}"


def variants_of(problem: str) -> int:
    """Return how many streets a problem has."""
    return VARIANTS.get(problem, 1)


def all_pictures() -> list[Picture]:
    """Return every picture of the demonstration."""
    return [
        Picture(problem, variant, repaired)
        for problem in PAINTERS
        for variant in range(variants_of(problem))
        for repaired in (False, True)
    ]


def paint(picture: Picture) -> Image.Image:
    """Return the picture, 1600 × 1200; before and after show the same street."""
    lights = LIGHTS.get(picture.problem, DAYLIGHT)
    light = lights[(picture.variant + len(picture.problem)) % len(lights)]
    canvas = Canvas(f"{picture.problem} {picture.variant}")
    street(canvas, light)
    PAINTERS[picture.problem](canvas, light, repaired=picture.repaired)
    return canvas.finish()


def variants(picture: Picture) -> dict[int, bytes]:
    """Return the picture as WebP by width, as the worker makes them of photos."""
    full = paint(picture)
    files = {}
    for width in SIZES:
        size = (width, width * HEIGHT // WIDTH)
        resized = full if width == WIDTH else full.resize(size, Image.Resampling.LANCZOS)
        stream = BytesIO()
        resized.save(stream, "WEBP", quality=WEBP_QUALITY, method=3)
        files[width] = stream.getvalue()
    return files
