"""The street in which everything happens: sky, hills, houses with tin roofs, red earth, a road towards the horizon."""

import math
from dataclasses import dataclass
from itertools import pairwise

from reports.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, Point, mix

HORIZON = 560
VANISHING: Point = (800, 540)


@dataclass(frozen=True)
class Light:
    """A time of day: what every surface is tinted towards, and how much."""

    sky_top: Colour
    sky_low: Colour
    sun: Colour
    sun_at: Point
    tint: Colour
    strength: float
    lamps_lit: bool = False

    def on(self, colour: Colour) -> Colour:
        """Return a surface's colour in this light."""
        return mix(colour, self.tint, self.strength)


MORNING = Light((108, 178, 214), (246, 226, 190), (255, 244, 214), (1250, 240), (255, 214, 150), 0.10)
NOON = Light((74, 156, 210), (206, 232, 240), (255, 252, 236), (330, 150), (255, 255, 255), 0.03)
EVENING = Light((92, 104, 164), (252, 172, 108), (255, 220, 150), (1080, 470), (214, 96, 66), 0.24)
DUSK = Light((28, 34, 78), (218, 122, 104), (255, 196, 140), (520, 520), (38, 36, 84), 0.48, lamps_lit=True)
RAIN = Light((120, 134, 146), (196, 204, 204), (220, 224, 224), (800, -400), (120, 132, 144), 0.26)

WALLS: list[Colour] = [
    (236, 208, 160), (214, 148, 104), (150, 190, 182), (232, 186, 96), (198, 110, 88), (222, 214, 200), (134, 164, 196),
    (240, 226, 196),
]  # fmt: skip
ROOFS: list[Colour] = [(150, 84, 62), (128, 134, 138), (168, 110, 74), (104, 110, 116), (176, 96, 66)]
SHUTTERS: list[Colour] = [(38, 98, 84), (44, 78, 122), (122, 58, 44), (84, 66, 50)]
EARTH: Colour = (186, 106, 66)
ASPHALT: Colour = (92, 90, 92)


def street(canvas: Canvas, light: Light) -> None:
    """Draw the whole empty street."""
    sky(canvas, light)
    hills(canvas, light)
    ground(canvas, light)
    for side in (-1, 1):
        houses(canvas, light, side)
        grass(canvas, light, side)
    poles(canvas, light)


def sky(canvas: Canvas, light: Light) -> None:
    """Draw the sky, its sun and a few clouds."""
    canvas.gradient(0, HORIZON + 60, light.sky_top, light.sky_low)
    canvas.glow(*light.sun_at, 260, light.sun, 5)
    canvas.oval(*light.sun_at, 44, 44, light.sun)
    for _cloud in range(4):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(60, 330)
        size = canvas.random.uniform(50, 110)
        for puff in range(6):
            drift = canvas.random.uniform(-1.5, 1.5) * size
            canvas.oval(
                x + drift,
                y + puff % 2 * size * 0.18,
                size * 0.9,
                size * 0.26,
                (*mix(light.sky_low, (255, 255, 255), 0.5), 60),
            )


def hills(canvas: Canvas, light: Light) -> None:
    """Draw the hills of Yaoundé, paler with distance."""
    for layer, (height, colour) in enumerate([(150, (122, 160, 150)), (105, (84, 136, 108)), (60, (54, 112, 78))]):
        phase = canvas.random.uniform(0, math.tau)
        wave = canvas.random.uniform(0.0026, 0.0040) * (1 + layer * 0.5)
        outline = [
            (x, HORIZON + 20 - height * (0.62 + 0.38 * math.sin(x * wave + phase) + 0.12 * math.sin(x * wave * 2.7)))
            for x in range(0, WIDTH + 20, 20)
        ]
        shade = mix(light.on(colour), light.sky_low, 0.45 - layer * 0.18)
        canvas.polygon([(0, HORIZON + 80), *outline, (WIDTH, HORIZON + 80)], shade)


def ground(canvas: Canvas, light: Light) -> None:
    """Draw the red earth, the road with its kerbs, and their grain."""
    near, far = light.on(EARTH), mix(light.on(EARTH), light.sky_low, 0.35)
    canvas.gradient(HORIZON, HEIGHT, far, near)
    canvas.speckle((0, HORIZON + 20, WIDTH, HEIGHT), 500, (*light.on((150, 80, 48)), 90), 7)
    canvas.polygon(strip(-0.86, 0.86), light.on((196, 182, 164)))
    canvas.polygon(strip(-0.78, 0.78), light.on((150, 140, 130)))
    canvas.polygon(strip(-0.74, 0.74), light.on(ASPHALT))
    canvas.speckle((380, HORIZON + 90, 1220, HEIGHT), 420, (*light.on((118, 114, 114)), 110), 5)
    canvas.speckle((250, HORIZON + 200, 1350, HEIGHT), 200, (*light.on((70, 68, 72)), 110), 6)
    for start in (0.05, 0.13, 0.26, 0.46, 0.78):
        dash = [
            on_road(-0.018, start),
            on_road(0.018, start),
            on_road(0.018, start * 1.38),
            on_road(-0.018, start * 1.38),
        ]
        canvas.polygon(dash, light.on((232, 226, 210)))


def on_road(across: float, near: float) -> Point:
    """Return a place on the ground: `across` from -1 to 1 between the road's sides, `near` from 0 (far) to 1 (here)."""
    y = VANISHING[1] + 20 + (HEIGHT - VANISHING[1]) * near
    return (VANISHING[0] + across * (y - VANISHING[1]) * 1.28, y)


def strip(left: float, right: float) -> list[Point]:
    """Return a band of ground that runs to the horizon."""
    return [on_road(left, 0), on_road(right, 0), on_road(right, 1.05), on_road(left, 1.05)]


def houses(canvas: Canvas, light: Light, side: int) -> None:
    """Draw one side's houses, the far ones first."""
    for row in range(5):
        size = 0.36 + row * 0.16 + row * row * 0.06
        x = VANISHING[0] + side * (140 + row * 74 + row * row * 52)
        if canvas.chance(0.55):
            tree(canvas, light, (x - side * 40 * size, HORIZON + 34 + row * 18), size * 0.9)
        house(canvas, light, (x, HORIZON + 34 + row * 14 + row * row * 10), size * canvas.random.uniform(0.9, 1.12))


def grass(canvas: Canvas, light: Light, side: int) -> None:
    """Draw tufts of grass along the road's edge."""
    for _tuft in range(26):
        x, y = on_road(side * canvas.random.uniform(0.98, 1.7), canvas.random.uniform(0.05, 0.95) ** 1.5)
        size = 0.25 + (y - HORIZON) / 640
        for blade in range(5):
            lean = (blade - 2) * 9 * size
            shade = (92, 130, 62) if blade % 2 else (120, 150, 72)
            canvas.polygon(
                [(x - 4 * size + lean * 0.3, y), (x + lean * 1.4, y - 26 * size), (x + 4 * size + lean * 0.3, y)],
                light.on(shade),
            )


def house(canvas: Canvas, light: Light, foot: Point, size: float) -> None:
    """Draw a house with a tin roof on its foot (the middle of its ground line)."""
    x, y = foot
    width, height = 250 * size, canvas.random.choice([150, 150, 250]) * size
    west, east, top = x - width / 2, x + width / 2, y - height
    wall = light.on(canvas.random.choice(WALLS))
    roof = light.on(canvas.random.choice(ROOFS))
    shutter = light.on(canvas.random.choice(SHUTTERS))
    canvas.box(west, top, east, y, wall)
    canvas.box(west, y - 26 * size, east, y, mix(wall, (110, 62, 44), 0.45))
    eave, ridge = 22 * size, 62 * size
    canvas.polygon(
        [(west - eave, top), (west + 30 * size, top - ridge), (east - 30 * size, top - ridge), (east + eave, top)], roof
    )
    for rib in range(1, 12):
        part = rib / 12
        canvas.line(
            [
                (west - eave + (width + 2 * eave) * part, top),
                (west + 30 * size + (width - 60 * size) * part, top - ridge),
            ],
            (*mix(roof, (0, 0, 0), 0.3), 90),
            1.6 * size,
        )
    canvas.box(west, top, east, top + 12 * size, (*mix(wall, (0, 0, 0), 0.4), 110))
    pane = (255, 214, 130) if light.lamps_lit and canvas.chance(0.7) else light.on((70, 92, 102))
    for floor in range(2 if height > 200 * size else 1):
        sill = y - 118 * size - floor * 98 * size
        for column in (0.2, 0.78) if floor == 0 else (0.2, 0.5, 0.78):
            window(canvas, (west + width * column, sill), size, pane, shutter)
    canvas.box(x - 20 * size, y - 92 * size, x + 24 * size, y, shutter)
    if canvas.chance(0.5):
        awning(canvas, light, (x, y - 98 * size), size)


def window(canvas: Canvas, at: Point, size: float, pane: Colour, shutter: Colour) -> None:
    """Draw a window with shutters; `at` is the middle of its upper edge."""
    x, y = at
    canvas.box(x - 30 * size, y - 3 * size, x + 30 * size, y + 55 * size, shutter)
    canvas.box(x - 17 * size, y, x + 17 * size, y + 50 * size, pane)
    canvas.line([(x, y), (x, y + 50 * size)], shutter, 3 * size)


def awning(canvas: Canvas, light: Light, at: Point, size: float) -> None:
    """Draw a striped awning over a door."""
    x, y = at
    colour = light.on(canvas.random.choice([(196, 62, 48), (30, 110, 90), (226, 160, 40), (40, 92, 150)]))
    for stripe in range(6):
        west = x - 44 * size + stripe * 16 * size
        fill = colour if stripe % 2 else light.on((246, 238, 222))
        canvas.polygon(
            [(west + 4 * size, y), (west + 18 * size, y), (west + 16 * size, y + 24 * size), (west, y + 24 * size)],
            fill,
        )


def tree(canvas: Canvas, light: Light, foot: Point, size: float) -> None:
    """Draw a mango tree or a palm."""
    x, y = foot
    if canvas.chance(0.4):
        palm(canvas, light, foot, size)
        return
    canvas.polygon(
        [(x - 11 * size, y), (x - 6 * size, y - 150 * size), (x + 6 * size, y - 150 * size), (x + 12 * size, y)],
        light.on((96, 66, 48)),
    )
    for shade, lift in (((40, 92, 58), 0.0), ((58, 118, 66), 0.0), ((84, 142, 76), 20 * size)):
        for _leaf in range(6):
            dx, dy = canvas.random.uniform(-72, 72) * size, canvas.random.uniform(-66, 34) * size
            canvas.oval(x + dx * 0.9, y - 190 * size + dy - lift, 52 * size, 40 * size, light.on(shade))


def palm(canvas: Canvas, light: Light, foot: Point, size: float) -> None:
    """Draw a palm that leans a little."""
    x, y = foot
    lean = canvas.random.uniform(-26, 26) * size
    crown = (x + lean, y - 230 * size)
    canvas.line([(x, y), (x + lean * 0.4, y - 120 * size), crown], light.on((120, 92, 66)), 13 * size)
    for frond in range(9):
        angle = math.pi * (0.06 + frond * 0.11) + math.pi
        reach = canvas.random.uniform(92, 122) * size
        tip = (crown[0] + math.cos(angle) * reach, crown[1] + math.sin(angle) * reach * 0.5 + 36 * size)
        bend = (crown[0] + math.cos(angle) * reach * 0.55, crown[1] + math.sin(angle) * reach * 0.62 - 12 * size)
        canvas.polygon(
            [crown, bend, tip, (bend[0], bend[1] + 20 * size)], light.on((62, 124, 70) if frond % 2 else (44, 102, 60))
        )


def poles(canvas: Canvas, light: Light) -> None:
    """Draw the electric poles on the left, smaller towards the horizon, and their wires."""
    tops: list[Point] = []
    for near in (0.62, 0.27, 0.11, 0.04):
        x, y = on_road(-1.02, near)
        height = 820 * near + 60
        canvas.line([(x, y), (x, y - height)], light.on((104, 82, 66)), 15 * near + 3)
        canvas.line(
            [(x - 44 * near - 6, y - height + 30 * near), (x + 44 * near + 6, y - height + 30 * near)],
            light.on((84, 66, 54)),
            9 * near + 2,
        )
        tops.append((x, y - height + 24 * near))
    first, last = (-120.0, tops[0][1] - 330), tops
    for shift in (-1, 1):
        chain = [first, *last]
        for start, end in pairwise(chain):
            sag(canvas, (start[0] + shift * 14, start[1]), (end[0] + shift * 8, end[1]), 26, light.on((40, 38, 42)))


def sag(canvas: Canvas, start: Point, end: Point, depth: float, colour: Colour, width: float = 2.4) -> None:
    """Draw a wire that hangs between two points."""
    points = []
    for step in range(17):
        part = step / 16
        points.append(
            (
                start[0] + (end[0] - start[0]) * part,
                start[1] + (end[1] - start[1]) * part + depth * 4 * part * (1 - part),
            )
        )
    canvas.line(points, colour, width)
