"""A sheet to draw on: 1600 × 1200 units, painted at twice that size and reduced, so that edges are smooth.

Colours are (red, green, blue) or (red, green, blue, opacity); positions are (x, y) from the top left.
"""

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1600, 1200
SCALE = 2
# Round ends show on thick lines only, and would show twice on see-through ones.
THIN = 4
OPAQUE = 3

Point = tuple[float, float]
Colour = tuple[int, ...]


class Canvas:
    """An image, the random numbers of its variant, and shapes in units."""

    def __init__(self, seed: str) -> None:
        """Start a blank sheet; the same seed always draws the same picture."""
        self.random = random.Random(seed)  # noqa: S311  (drawing, not secrets)
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def finish(self) -> Image.Image:
        """Return the picture at its final size."""
        return self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)

    def chance(self, part: float) -> bool:
        """Return true in that part of all cases (0 to 1)."""
        return self.random.random() < part

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill a polygon."""
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def box(self, west: float, north: float, east: float, south: float, fill: Colour, radius: float = 0) -> None:
        """Fill a rectangle, with rounded corners if asked."""
        edges = (west * SCALE, north * SCALE, east * SCALE, south * SCALE)
        if radius:
            self.draw.rounded_rectangle(edges, radius * SCALE, fill=fill)
        else:
            self.draw.rectangle(edges, fill=fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """Fill an ellipse around its centre."""
        self.draw.ellipse(((x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE), fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """Draw a line with round joints and ends."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=fill, width=max(1, round(width * SCALE)), joint="curve")
        for x, y in (points[0], points[-1]):
            if width > THIN and len(fill) == OPAQUE:
                self.oval(x, y, width / 2, width / 2, fill)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, fill: Colour, width: float) -> None:
        """Draw part of a circle; angles in degrees, clockwise from three o'clock."""
        edges = ((x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE)
        self.draw.arc(edges, start, end, fill=fill, width=round(width * SCALE))

    def gradient(self, north: float, south: float, above: Colour, below: Colour) -> None:
        """Fill the whole width between two heights with a colour that turns into another."""
        height = round((south - north) * SCALE)
        mask = Image.linear_gradient("L").resize((WIDTH * SCALE, height))
        blend = Image.composite(Image.new("RGB", mask.size, below[:3]), Image.new("RGB", mask.size, above[:3]), mask)
        self.image.paste(blend, (0, round(north * SCALE)))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: int = 6) -> None:
        """Lay light around a point, fading outwards."""
        for step in range(28, 0, -1):
            self.oval(x, y, radius * step / 28, radius * step / 28, (*colour[:3], strength))

    def shadow(self, x: float, y: float, rx: float, ry: float) -> None:
        """Lay a soft shadow on the ground."""
        for step in (1.0, 0.85, 0.7):
            self.oval(x, y, rx * step, ry * step, (30, 20, 20, 34))

    def blob(self, x: float, y: float, rx: float, ry: float, rough: float = 0.15) -> list[Point]:
        """Return an irregular closed outline around a centre; `rough` is how far it strays (0 to 1)."""
        phases = [(self.random.uniform(0, math.tau), wave) for wave in (2, 3, 5, 7)]
        outline = []
        for step in range(48):
            angle = math.tau * step / 48
            stray = 1 + rough * sum(math.sin(angle * wave + phase) / wave for phase, wave in phases) * 1.6
            outline.append((x + rx * stray * math.cos(angle), y + ry * stray * math.sin(angle)))
        return outline

    def speckle(self, area: tuple[float, float, float, float], count: int, colour: Colour, size: float) -> None:
        """Scatter small flat spots over (west, north, east, south), smaller towards the top, as the eye sees ground."""
        west, north, east, south = area
        for _spot in range(count):
            y = self.random.uniform(north, south)
            near = 0.3 + 0.7 * (y - north) / max(1, south - north)
            self.oval(self.random.uniform(west, east), y, size * near * 1.6, size * near * 0.6, colour)


def mix(first: Colour, second: Colour, part: float) -> Colour:
    """Return a colour between two: 0 is the first, 1 the second."""
    return tuple(round(a + (b - a) * part) for a, b in zip(first[:3], second[:3], strict=True))


def inset(outline: Sequence[Point], part: float, shift: Point = (0, 0)) -> list[Point]:
    """Return an outline shrunk towards its middle."""
    x = sum(point[0] for point in outline) / len(outline)
    y = sum(point[1] for point in outline) / len(outline)
    return [(x + (px - x) * part + shift[0], y + (py - y) * part + shift[1]) for px, py in outline]
