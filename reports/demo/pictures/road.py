"""What is wrong with the ground: holes, water, rubbish, and how it looks once repaired.

Every painter takes the sheet with its street already drawn, the light, and whether the problem is repaired.
"""

import math

from reports.demo.pictures.canvas import Canvas, Colour, Point, inset, mix
from reports.demo.pictures.street import ASPHALT, EARTH, Light, on_road, strip

WATER: Colour = (150, 132, 104)
BAGS: list[Colour] = [(44, 46, 52), (54, 60, 70), (64, 96, 150), (214, 210, 204), (190, 70, 58), (78, 130, 92)]


def pothole(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a hole with water in it, cracks and loose stones; afterwards a patch of fresh asphalt."""
    x, y = canvas.random.uniform(640, 960), canvas.random.uniform(900, 960)
    rx, ry = canvas.random.uniform(230, 290), canvas.random.uniform(84, 104)
    rim = canvas.blob(x, y, rx, ry, 0.16)
    if repaired:
        canvas.polygon(inset(rim, 1.16), light.on((58, 56, 60)))
        canvas.polygon(inset(rim, 1.08), light.on((48, 46, 50)))
        canvas.speckle((x - rx * 0.9, y - ry * 0.7, x + rx * 0.9, y + ry * 0.7), 160, (*light.on((84, 82, 84)), 150), 4)
        cone(canvas, light, (x + rx + 120, y + 40), 1.1)
        return
    for _crack in range(9):
        crack(canvas, light, (x, y), (rx, ry))
    canvas.polygon(inset(rim, 1.1), light.on((122, 114, 108)))
    canvas.polygon(rim, light.on((96, 66, 50)))
    canvas.polygon(inset(rim, 0.92, (0, 12)), light.on((128, 84, 60)))
    canvas.polygon(inset(rim, 0.74, (0, 18)), light.on((78, 56, 46)))
    puddle = inset(rim, 0.62, (0, 20))
    canvas.polygon(puddle, mix(light.on(WATER), light.sky_top, 0.45))
    canvas.polygon(inset(puddle, 0.6, (-24, -10)), (*mix(light.sky_low, (255, 255, 255), 0.3), 110))
    stones(canvas, light, (x, y), (rx * 1.35, ry * 1.4), 46)


def crack(canvas: Canvas, light: Light, centre: Point, reach: Point) -> None:
    """Draw one crack that runs out of a hole."""
    angle = canvas.random.uniform(0, math.tau)
    points = []
    for step in range(5):
        out = 0.9 + step * 0.2
        wander = angle + canvas.random.uniform(-0.12, 0.12)
        points.append((centre[0] + math.cos(wander) * reach[0] * out, centre[1] + math.sin(wander) * reach[1] * out))
    canvas.line(points, light.on((52, 50, 52)), 4)


def stones(canvas: Canvas, light: Light, centre: Point, reach: Point, count: int) -> None:
    """Scatter loose stones in a ring around a place."""
    for _stone in range(count):
        angle, out = canvas.random.uniform(0, math.tau), canvas.random.uniform(0.72, 1.1)
        x, y = centre[0] + math.cos(angle) * reach[0] * out, centre[1] + math.sin(angle) * reach[1] * out
        size = canvas.random.uniform(4, 13)
        canvas.oval(x + 3, y + 3, size * 1.2, size * 0.7, (30, 20, 20, 90))
        canvas.polygon(
            canvas.blob(x, y, size * 1.2, size * 0.8, 0.3),
            light.on(canvas.random.choice([(150, 128, 110), (112, 100, 94), (176, 120, 88)])),
        )


def cone(canvas: Canvas, light: Light, foot: Point, size: float) -> None:
    """Draw a road cone."""
    x, y = foot
    canvas.shadow(x + 10 * size, y, 62 * size, 16 * size)
    canvas.polygon(
        [(x - 52 * size, y), (x - 40 * size, y - 16 * size), (x + 40 * size, y - 16 * size), (x + 52 * size, y)],
        light.on((200, 82, 30)),
    )
    canvas.polygon(
        [
            (x - 34 * size, y - 14 * size),
            (x - 8 * size, y - 124 * size),
            (x + 8 * size, y - 124 * size),
            (x + 34 * size, y - 14 * size),
        ],
        light.on((236, 108, 36)),
    )
    for low, high in ((44, 66), (84, 102)):
        canvas.polygon(
            [
                (x + side * (34 - 26 * (part - 14) / 110) * size, y - part * size)
                for side, part in ((-1, low), (-1, high), (1, high), (1, low))
            ],
            light.on((250, 244, 232)),
        )


def rubbish(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a heap of bags beside the road; afterwards swept ground and a skip."""
    x, y = canvas.random.choice([(520, 1000), (1060, 1010), (780, 1020)])
    if repaired:
        canvas.polygon(canvas.blob(x, y - 10, 360, 60, 0.06), (*light.on((206, 140, 98)), 110))
        for sweep in range(7):
            canvas.line(
                [(x - 320 + sweep * 92, y - 30), (x - 280 + sweep * 92, y + 22)], (*light.on((150, 96, 66)), 130), 3
            )
        skip(canvas, light, (x, y - 20))
        return
    canvas.shadow(x, y + 6, 410, 62)
    canvas.polygon(canvas.blob(x, y - 14, 390, 58, 0.1), light.on((120, 92, 74)))
    for level, (reach, lift) in enumerate(((330, 20), (250, 96), (160, 168), (70, 226))):
        for bag in range(8 - level * 2):
            at = (
                x - reach + 2 * reach * (bag + canvas.random.uniform(0.1, 0.9)) / (8 - level * 2),
                y - lift + canvas.random.uniform(-16, 22),
            )
            if canvas.chance(0.2):
                carton(canvas, light, at)
            else:
                sack(canvas, light, at, canvas.random.uniform(0.8, 1.2))
    for _scrap in range(34):
        sx, sy = canvas.random.gauss(x, 280), y + canvas.random.uniform(-10, 66)
        scrap = light.on(
            canvas.random.choice([(240, 236, 228), (70, 140, 190), (226, 90, 60), (240, 196, 70), (110, 170, 110)])
        )
        canvas.polygon(canvas.blob(sx, sy, canvas.random.uniform(8, 20), canvas.random.uniform(4, 9), 0.4), scrap)
    for _fly in range(12):
        canvas.oval(canvas.random.gauss(x, 150), y - canvas.random.uniform(230, 340), 3, 3, (30, 28, 30))


def sack(canvas: Canvas, light: Light, at: Point, size: float) -> None:
    """Draw one tied bag."""
    x, y = at
    colour = light.on(canvas.random.choice(BAGS))
    outline = canvas.blob(x, y, 70 * size, 54 * size, 0.1)
    canvas.polygon([(px + 5, py + 7) for px, py in outline], (24, 20, 22, 120))
    canvas.polygon(outline, colour)
    canvas.polygon(inset(outline, 0.5, (-20 * size, -16 * size)), (*mix(colour, (255, 255, 255), 0.5), 70))
    canvas.polygon(
        [
            (x - 9 * size, y - 48 * size),
            (x - 20 * size, y - 74 * size),
            (x + 18 * size, y - 72 * size),
            (x + 9 * size, y - 48 * size),
        ],
        mix(colour, (0, 0, 0), 0.15),
    )
    canvas.line(
        [(x - 10 * size, y - 49 * size), (x + 10 * size, y - 49 * size)], mix(colour, (0, 0, 0), 0.45), 5 * size
    )


def carton(canvas: Canvas, light: Light, at: Point) -> None:
    """Draw an open cardboard box."""
    x, y = at
    canvas.polygon([(x - 60, y - 40), (x + 50, y - 46), (x + 56, y + 30), (x - 54, y + 36)], light.on((196, 150, 98)))
    canvas.polygon([(x - 60, y - 40), (x - 84, y - 66), (x + 26, y - 72), (x + 50, y - 46)], light.on((170, 124, 78)))
    canvas.line([(x - 4, y - 43), (x, y + 33)], light.on((226, 196, 140)), 8)


def skip(canvas: Canvas, light: Light, foot: Point) -> None:
    """Draw a green waste skip."""
    x, y = foot
    body = light.on((34, 112, 84))
    canvas.shadow(x + 14, y + 4, 270, 34)
    canvas.polygon([(x - 250, y - 190), (x + 250, y - 190), (x + 206, y), (x - 206, y)], body)
    canvas.polygon(
        [(x - 262, y - 214), (x + 262, y - 214), (x + 254, y - 184), (x - 254, y - 184)],
        mix(body, (255, 255, 255), 0.2),
    )
    for rib in range(-3, 4):
        canvas.line([(x + rib * 66, y - 182), (x + rib * 55, y - 8)], mix(body, (0, 0, 0), 0.25), 8)
    for wheel in (-150, 150):
        canvas.oval(x + wheel, y + 4, 22, 22, light.on((46, 44, 48)))
    canvas.polygon(
        [
            (x - 40, y - 120),
            (x, y - 154),
            (x + 40, y - 120),
            (x + 18, y - 120),
            (x + 18, y - 70),
            (x - 18, y - 70),
            (x - 18, y - 120),
        ],
        (*light.on((246, 240, 226)), 230),
    )


def leak(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a burst pipe with a jet of water; afterwards a closed trench and a valve cover."""
    x, y = canvas.random.uniform(620, 700), 960
    if repaired:
        canvas.polygon(
            [(x - 190, y + 50), (x - 130, y - 50), (x + 190, y - 50), (x + 250, y + 50)], light.on((60, 58, 62))
        )
        canvas.speckle((x - 130, y - 40, x + 190, y + 44), 110, (*light.on((92, 90, 92)), 150), 4)
        canvas.oval(x + 30, y, 56, 22, light.on((44, 92, 150)))
        canvas.oval(x + 30, y - 3, 46, 17, light.on((66, 122, 184)))
        cone(canvas, light, (x + 340, y + 40), 1.0)
        return
    pool = canvas.blob(x + 40, y + 56, 420, 96, 0.12)
    water = mix(light.on((120, 150, 168)), light.sky_top, 0.4)
    canvas.polygon(pool, water)
    for ring in (0.86, 0.62, 0.4):
        canvas.polygon(inset(pool, ring), (*mix(water, (255, 255, 255), 0.45), 60))
    canvas.polygon(canvas.blob(x, y, 78, 28, 0.2), light.on((70, 52, 44)))
    jet(canvas, light, (x, y))


def jet(canvas: Canvas, light: Light, foot: Point) -> None:
    """Draw water that springs from the ground and falls back."""
    x, y = foot
    white = mix(light.on((226, 240, 248)), (255, 255, 255), 0.3)
    for _spray in range(70):
        reach, height = canvas.random.gauss(0, 96), canvas.random.uniform(170, 400)
        path = []
        for step in range(13):
            part = step / 12
            path.append((x + reach * part * 1.7, y - height * 4 * part * (1 - part) * (1 - 0.12 * part)))
        canvas.line(path, (*white, 74), canvas.random.uniform(2, 7))
    for _drop in range(60):
        size = canvas.random.uniform(2, 6)
        canvas.oval(canvas.random.gauss(x, 130), y - canvas.random.uniform(20, 400), size, size * 1.3, (*white, 190))


def flood(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw the whole road under brown water; afterwards wet asphalt."""
    if repaired:
        for _wet in range(7):
            x, y = on_road(canvas.random.uniform(-0.6, 0.6), canvas.random.uniform(0.2, 0.95))
            canvas.polygon(
                canvas.blob(x, y, (y - 520) * 0.28, (y - 520) * 0.06, 0.2),
                (*mix(light.sky_top, light.on(ASPHALT), 0.55), 120),
            )
        return
    brown = light.on((164, 128, 92))
    canvas.polygon([*strip(-1.5, 1.5)[:2], (1800, 780), (1800, 1260), (-200, 1260), (-200, 780)], brown)
    for _wave in range(110):
        y = 620 + 580 * canvas.random.random() ** 0.8
        x, reach = canvas.random.uniform(-50, 1650), (y - 540) * canvas.random.uniform(0.1, 0.34)
        canvas.oval(
            x, y, reach, 1.5 + (y - 560) / 130, (*mix(brown, light.sky_low, canvas.random.uniform(0.3, 0.7)), 120)
        )
    for step, near in enumerate((0.86, 0.66, 0.5, 0.38)):
        x, y = on_road(0.3 + 0.1 * (-1) ** step, near)
        canvas.oval(x, y + 10 * near, 96 * near, 26 * near, (*mix(brown, (0, 0, 0), 0.3), 160))
        canvas.polygon(canvas.blob(x, y - 8 * near, 80 * near, 28 * near, 0.14), light.on((132, 122, 116)))
    taxi(canvas, light, (640, 900), sunk=64)


def taxi(canvas: Canvas, light: Light, foot: Point, *, sunk: float = 0) -> None:
    """Draw a yellow taxi from the side; `sunk` is how much of it the water hides."""
    x, y = foot
    yellow, glass = light.on((240, 186, 40)), light.on((120, 160, 176))
    base = y + sunk
    canvas.polygon([(x - 170, base - 150), (x - 110, base - 236), (x + 90, base - 236), (x + 166, base - 150)], yellow)
    canvas.polygon([(x - 140, base - 154), (x - 98, base - 222), (x - 16, base - 222), (x - 16, base - 154)], glass)
    canvas.polygon([(x + 2, base - 154), (x + 2, base - 222), (x + 82, base - 222), (x + 134, base - 154)], glass)
    canvas.box(x - 250, base - 158, x + 250, base - 52, yellow, 34)
    canvas.box(x - 34, base - 262, x + 30, base - 234, light.on((250, 244, 226)), 6)
    if not sunk:
        for wheel in (-150, 150):
            canvas.oval(x + wheel, base - 46, 48, 48, light.on((40, 38, 42)))
            canvas.oval(x + wheel, base - 46, 22, 22, light.on((170, 168, 168)))
    else:
        canvas.oval(x, y, 290, 20, (*light.on((190, 158, 122)), 255))
        canvas.box(x - 290, y, x + 290, y + 60, light.on((164, 128, 92)))
    canvas.oval(x + 238, base - 116, 14, 18, (255, 240, 190))


def manhole(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw an open shaft with a branch stuck in it as a warning; afterwards a cover."""
    x, y = canvas.random.uniform(640, 900), 950
    canvas.oval(x, y, 222, 82, light.on((130, 124, 120)))
    canvas.oval(x, y, 196, 70, light.on((104, 98, 96)))
    if repaired:
        canvas.oval(x, y - 4, 184, 64, light.on((74, 72, 76)))
        for ring in range(5):
            canvas.oval(x, y - 4, 168 - ring * 34, 58 - ring * 12, light.on((96, 94, 98) if ring % 2 else (70, 68, 72)))
        return
    canvas.oval(x, y, 184, 64, light.on((26, 22, 24)))
    canvas.polygon(
        [(x - 150, y + 34), (x - 120, y + 60), (x + 120, y + 60), (x + 150, y + 34), (x, y + 62)],
        light.on((58, 48, 44)),
    )
    canvas.line([(x - 20, y + 30), (x + 46, y - 330)], light.on((104, 74, 50)), 16)
    for twig in range(7):
        base = (x - 10 + twig * 9, y - 90 - twig * 36)
        tip = (base[0] + (-1) ** twig * canvas.random.uniform(70, 120), base[1] - canvas.random.uniform(30, 80))
        canvas.line([base, tip], light.on((104, 74, 50)), 7)
        for leaf in range(5):
            canvas.oval(
                tip[0] + canvas.random.uniform(-30, 30),
                tip[1] + canvas.random.uniform(-24, 24),
                24,
                14,
                light.on((70 + leaf * 8, 120, 62)),
            )
    canvas.box(x + 30, y - 350, x + 110, y - 300, light.on((214, 52, 44)))


def drain(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw an open gutter full of waste; afterwards clear water."""
    near, far = 1.05, 0.0
    left, right = 0.80, 1.22
    canvas.polygon(
        [on_road(left, far), on_road(right, far), on_road(right, near), on_road(left, near)], light.on((176, 168, 156))
    )
    canvas.polygon(
        [
            on_road(left + 0.05, far),
            on_road(right - 0.05, far),
            on_road(right - 0.05, near),
            on_road(left + 0.05, near),
        ],
        light.on((118, 110, 104)),
    )
    bed = light.on((86, 130, 140)) if repaired else light.on((74, 66, 46))
    canvas.polygon(
        [on_road(left + 0.1, far), on_road(right - 0.1, far), on_road(right - 0.1, near), on_road(left + 0.1, near)],
        bed,
    )
    if repaired:
        for step in range(16):
            x, y = on_road(canvas.random.uniform(0.93, 1.09), 0.06 + step * 0.06)
            canvas.oval(x, y, (y - 540) * 0.09, 3 + (y - 540) / 200, (*mix(light.sky_low, (255, 255, 255), 0.3), 120))
        return
    for step in range(60):
        depth = (step / 60) ** 1.6
        x, y = on_road(canvas.random.uniform(0.9, 1.12), depth)
        size = 0.1 + depth * 0.9
        colour = light.on(
            canvas.random.choice([*BAGS, (232, 226, 214), (120, 180, 200), (96, 110, 56), (226, 150, 50)])
        )
        shape = canvas.blob(x, y, canvas.random.uniform(22, 54) * size, canvas.random.uniform(14, 32) * size, 0.3)
        canvas.polygon([(px, py + 6 * size) for px, py in shape], (24, 20, 16, 110))
        canvas.polygon(shape, colour)


def wreck(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a car left without wheels on the roadside; afterwards an empty place."""
    x, y = 1010, 985
    if repaired:
        canvas.polygon(canvas.blob(x, y, 300, 46, 0.08), (*light.on((150, 92, 62)), 130))
        cone(canvas, light, (x - 330, y + 20), 0.9)
        return
    rust = light.on((150, 96, 70))
    canvas.shadow(x, y, 330, 40)
    for block in (-170, 170):
        canvas.box(x + block - 44, y - 52, x + block + 44, y, light.on((170, 164, 158)))
    canvas.polygon([(x - 200, y - 190), (x - 130, y - 290), (x + 110, y - 286), (x + 196, y - 190)], rust)
    canvas.polygon(
        [(x - 166, y - 196), (x - 116, y - 272), (x - 14, y - 272), (x - 14, y - 196)], light.on((44, 40, 42))
    )
    canvas.polygon([(x + 8, y - 196), (x + 8, y - 272), (x + 100, y - 270), (x + 160, y - 196)], light.on((44, 40, 42)))
    canvas.box(x - 300, y - 202, x + 300, y - 52, rust, 36)
    for arch in (-170, 170):
        canvas.oval(x + arch, y - 58, 64, 56, light.on((44, 38, 38)))
    for _stain in range(16):
        at = (x + canvas.random.uniform(-270, 270), y - canvas.random.uniform(80, 180))
        canvas.polygon(
            canvas.blob(*at, canvas.random.uniform(12, 46), canvas.random.uniform(8, 20), 0.4),
            (*light.on((104, 58, 40)), 130),
        )
    canvas.polygon(canvas.blob(x - 330, y + 4, 60, 24, 0.3), light.on(mix(EARTH, (90, 130, 60), 0.7)))
