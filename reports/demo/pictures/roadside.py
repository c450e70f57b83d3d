"""What stands beside the road: lamps, signs, wires, trees, benches, stalls, walls, and how each looks once repaired.

Every painter takes the sheet with its street already drawn, the light, and whether the problem is repaired.
"""

import math

from reports.demo.pictures.canvas import Canvas, Colour, Point, inset, mix
from reports.demo.pictures.road import cone, stones
from reports.demo.pictures.street import Light, sag

STEEL: Colour = (120, 126, 130)
WOOD: Colour = (132, 92, 60)
GREEN: Colour = (60, 200, 110)


def lamp(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a street lamp that stays dark; afterwards it shines."""
    x, y = canvas.random.uniform(1020, 1160), 1090
    steel = light.on(STEEL)
    head = (x - 330, y - 900) if repaired else (x - 318, y - 860)
    canvas.shadow(x, y, 90, 20)
    canvas.box(x - 34, y - 60, x + 34, y, mix(steel, (0, 0, 0), 0.3), 8)
    canvas.polygon([(x - 17, y), (x - 10, y - 880), (x + 10, y - 880), (x + 17, y)], steel)
    canvas.line([(x, y - 872), (x - 90, y - 930), (x - 240, y - 930), head], steel, 18)
    if repaired:
        canvas.polygon(
            [(head[0] - 60, head[1]), (head[0] + 60, head[1]), (head[0] + 330, y + 40), (head[0] - 330, y + 40)],
            (255, 226, 150, 52),
        )
        canvas.polygon(
            [(head[0] - 50, head[1]), (head[0] + 50, head[1]), (head[0] + 210, y + 30), (head[0] - 210, y + 30)],
            (255, 232, 170, 46),
        )
        canvas.oval(head[0], y + 20, 330, 62, (255, 226, 150, 60))
        canvas.glow(*head, 210, (255, 230, 160), 8)
    tilt = 0 if repaired else 26
    canvas.polygon(
        [
            (head[0] - 84, head[1] + tilt),
            (head[0] - 54, head[1] - 34),
            (head[0] + 64, head[1] - 34 - tilt / 2),
            (head[0] + 84, head[1]),
        ],
        mix(steel, (0, 0, 0), 0.25),
    )
    canvas.oval(head[0], head[1] + 8 + tilt / 3, 62, 22, (255, 246, 206) if repaired else light.on((52, 54, 60)))
    if not repaired:
        for shard in range(4):
            tip = (head[0] - 40 + shard * 26, head[1] + 26)
            canvas.polygon(
                [(tip[0] - 8, tip[1]), (tip[0] + 8, tip[1]), (tip[0] + 2, tip[1] + 24)], light.on((150, 160, 170))
            )
        sag(canvas, (head[0] + 20, head[1]), (head[0] - 46, head[1] + 96), 6, (24, 22, 26), 5)


def wire(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a leaning pole whose wire hangs over the road; afterwards a straight pole and taut wires."""
    lean = 0 if repaired else 150
    foot, top = (1210.0, 1110.0), (1210.0 - lean, 260.0 + lean / 4)
    wood, dark = light.on((122, 92, 70)), (28, 26, 30)
    canvas.shadow(foot[0], foot[1], 90, 20)
    canvas.line([foot, top], wood, 34)
    across = (140.0, -lean * 0.22)
    arm = (top[0], top[1] + 60)
    canvas.line(
        [(arm[0] - across[0], arm[1] - across[1]), (arm[0] + across[0], arm[1] + across[1])],
        mix(wood, (0, 0, 0), 0.25),
        20,
    )
    ends = [(arm[0] + part * across[0], arm[1] + part * across[1] - 20) for part in (-0.9, -0.3, 0.3, 0.9)]
    for end in ends:
        canvas.oval(*end, 11, 16, light.on((220, 226, 224)))
    for index, end in enumerate(ends):
        sag(canvas, end, (1700, 90 + index * 40), 16, dark, 5)
        if repaired or index > 1:
            sag(canvas, end, (-60, 150 + index * 46), 34, dark, 5)
    if not repaired:
        for index, drop in enumerate(((520, 1010), (690, 1060))):
            sag(canvas, ends[index], drop, 150, dark, 7)
            spark(canvas, drop)
        cone(canvas, light, (360, 1090), 0.9)


def spark(canvas: Canvas, at: Point) -> None:
    """Draw sparks at the end of a live wire."""
    canvas.glow(*at, 90, (255, 220, 120), 7)
    for ray in range(9):
        angle, reach = math.tau * ray / 9 + 0.2, canvas.random.uniform(24, 52)
        canvas.line([at, (at[0] + math.cos(angle) * reach, at[1] + math.sin(angle) * reach)], (255, 240, 180), 4)


def fallen_tree(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a tree across the road; afterwards its stump and cut logs."""
    bark, wood = light.on((104, 72, 50)), light.on((206, 158, 104))
    stump = (1330.0, 1000.0)
    canvas.shadow(stump[0], stump[1] + 6, 120, 26)
    canvas.polygon(
        [
            (stump[0] - 66, stump[1]),
            (stump[0] - 46, stump[1] - 96),
            (stump[0] + 46, stump[1] - 96),
            (stump[0] + 70, stump[1]),
        ],
        bark,
    )
    for ring in range(4):
        canvas.oval(
            stump[0],
            stump[1] - 96,
            48 - ring * 12,
            19 - ring * 5,
            wood if ring % 2 == 0 else mix(wood, (90, 60, 40), 0.3),
        )
    if repaired:
        for at in ((1130.0, 1090.0), (1216, 1090), (1173, 1030)):
            canvas.box(at[0] - 10, at[1] - 40, at[0] + 120, at[1] + 40, bark, 38)
            canvas.oval(at[0], at[1], 40, 40, wood)
            canvas.oval(at[0], at[1], 24, 24, mix(wood, (90, 60, 40), 0.25))
        return
    canvas.shadow(700, 1010, 620, 50)
    canvas.polygon([(1290, 900), (1310, 984), (520, 1010), (500, 950)], bark)
    for branch in range(16):
        x = 640 - branch * 36 + canvas.random.uniform(-30, 30)
        tip = (x - canvas.random.uniform(20, 150), 960 + (-1) ** branch * canvas.random.uniform(60, 170))
        canvas.line([(x + 80, 976), tip], bark, 14)
    for shade, middle in (((38, 88, 54), 960), ((56, 114, 62), 930), ((80, 138, 72), 930)):
        for _leaf in range(40):
            at = (canvas.random.gauss(370, 150), canvas.random.gauss(middle, 74))
            canvas.oval(*at, canvas.random.uniform(26, 56), canvas.random.uniform(18, 38), light.on(shade))


def sign(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a road sign bent to the ground; afterwards it stands straight."""
    foot = (1120.0, 1080.0)
    top = (1120.0, 480.0) if repaired else (860.0, 700.0)
    steel = light.on(STEEL)
    canvas.shadow(*foot, 70, 18)
    bend = (1120.0, 780.0) if repaired else (1112.0, 860.0)
    canvas.line([foot, bend, top], steel, 26)
    tilt = 0.0 if repaired else -0.86
    face = octagon(top, 170, tilt)
    canvas.polygon([(x + 8, y + 10) for x, y in face], (20, 16, 18, 90))
    canvas.polygon(face, light.on((248, 244, 236)))
    canvas.polygon(octagon(top, 156, tilt), light.on((200, 40, 44)))
    bar = [(-104, -24), (104, -24), (104, 24), (-104, 24)]
    canvas.polygon([turn(top, point, tilt) for point in bar], light.on((248, 244, 236)))
    if not repaired:
        for _dent in range(6):
            at = turn(top, (canvas.random.uniform(-110, 110), canvas.random.uniform(-110, 110)), tilt)
            canvas.polygon(canvas.blob(*at, 26, 16, 0.4), (*light.on((120, 70, 60)), 150))
        stones(canvas, light, foot, (110, 40), 18)


def octagon(centre: Point, radius: float, tilt: float) -> list[Point]:
    """Return the corners of an octagon."""
    return [
        turn(
            centre,
            (
                radius * math.cos(math.pi / 8 + math.tau * corner / 8),
                radius * math.sin(math.pi / 8 + math.tau * corner / 8),
            ),
            tilt,
        )
        for corner in range(8)
    ]


def turn(centre: Point, offset: Point, angle: float) -> Point:
    """Return a point turned around a centre; the angle in radians."""
    cosine, sine = math.cos(angle), math.sin(angle)
    return (centre[0] + offset[0] * cosine - offset[1] * sine, centre[1] + offset[0] * sine + offset[1] * cosine)


def traffic_light(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a traffic light that is out; afterwards it is green."""
    x, y = 1130.0, 1090.0
    tilt = 0.0 if repaired else 0.22
    steel = light.on((86, 90, 96))
    canvas.shadow(x, y, 80, 18)
    canvas.polygon([(x - 20, y), (x - 13, y - 560), (x + 13, y - 560), (x + 20, y)], steel)
    middle = (x, y - 700)
    case = [(-92, -200), (92, -200), (92, 200), (-92, 200)]
    canvas.polygon([turn(middle, (px * 1.12, py * 1.05), tilt) for px, py in case], light.on((232, 196, 60)))
    canvas.polygon([turn(middle, point, tilt) for point in case], light.on((38, 40, 46)))
    for index, colour in enumerate([(220, 50, 44), (240, 176, 40), GREEN]):
        at = turn(middle, (0, -128 + index * 128), tilt)
        lit = repaired and colour == GREEN
        if lit:
            canvas.glow(*at, 150, colour, 8)
        canvas.oval(*at, 50, 50, colour if lit else light.on(mix(colour, (40, 40, 44), 0.8)))
        canvas.oval(at[0] - 14, at[1] - 16, 15, 11, (255, 255, 255, 110 if lit else 40))
    if not repaired:
        sag(canvas, turn(middle, (-60, 200), tilt), (x - 90, y - 380), 10, (24, 22, 26), 6)


def bench(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a public bench with broken planks; afterwards whole and painted."""
    x, y = canvas.random.uniform(1120, 1180), 1070.0
    wood = light.on((40, 118, 92) if repaired else WOOD)
    iron = light.on((58, 60, 66))
    canvas.shadow(x, y + 6, 420, 36)
    for side in (-1, 1):
        canvas.line([(x + side * 300, y), (x + side * 300, y - 150), (x + side * 322, y - 330)], iron, 26)
        canvas.line([(x + side * 300, y - 150), (x + side * 250, y)], iron, 22)
    for plank in range(3):
        top = y - 340 + plank * 62
        if not repaired and plank == 1:
            canvas.polygon([(x - 360, top), (x - 60, top + 30), (x - 90, top + 76), (x - 360, top + 44)], wood)
            canvas.polygon([(x + 130, top + 4), (x + 360, top), (x + 360, top + 44), (x + 100, top + 48)], wood)
            continue
        canvas.box(x - 370, top, x + 370, top + 46, mix(wood, (0, 0, 0), 0.06 * plank), 6)
    for plank in range(2):
        top = y - 150 + plank * 44
        if not repaired and plank == 1:
            canvas.polygon(
                [
                    (x - 380, top),
                    (x + 20, top),
                    (x + 150, y + 4),
                    (x + 90, y + 10),
                    (x - 10, top + 36),
                    (x - 380, top + 36),
                ],
                mix(wood, (0, 0, 0), 0.2),
            )
            continue
        canvas.box(x - 390, top, x + 390, top + 36, mix(wood, (0, 0, 0), 0.15), 6)


def market(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw stalls that stand on the road; afterwards behind the kerb."""
    places = (
        [(1180, 820), (1330, 930), (1500, 1070)] if repaired else [(700, 800), (1010, 880), (560, 1010), (1000, 1090)]
    )
    for index, place in enumerate(places):
        stall(canvas, light, place, (place[1] - 540) / 460, index)


def stall(canvas: Canvas, light: Light, foot: Point, size: float, index: int) -> None:
    """Draw a parasol over a table of fruit."""
    x, y = foot
    canvas.shadow(x, y + 4, 170 * size, 26 * size)
    canvas.line([(x, y - 20 * size), (x, y - 330 * size)], light.on((110, 100, 92)), 11 * size)
    canvas.box(x - 150 * size, y - 116 * size, x + 150 * size, y - 88 * size, light.on(WOOD))
    canvas.polygon(
        [
            (x - 150 * size, y - 90 * size),
            (x + 150 * size, y - 90 * size),
            (x + 138 * size, y - 10 * size),
            (x - 138 * size, y - 10 * size),
        ],
        light.on(mix([(60, 110, 160), (190, 80, 60), (60, 130, 90), (210, 150, 50)][index % 4], (255, 255, 255), 0.15)),
    )
    fruits: list[Colour] = [(226, 84, 44), (240, 180, 50), (108, 160, 60), (178, 46, 54)]
    for fruit in range(15):
        at = (x - 128 * size + fruit * 18 * size, y - 124 * size - fruit % 2 * 12 * size)
        canvas.oval(*at, 15 * size, 14 * size, light.on(fruits[(fruit // 4 + index) % 4]))
    shade = light.on([(206, 60, 52), (36, 120, 100), (230, 164, 44), (52, 100, 166)][index % 4])
    reach, rim, peak = 205 * size, y - 300 * size, y - 400 * size
    for panel in range(6):
        west, east = x - reach + panel * reach / 3, x - reach + (panel + 1) * reach / 3
        canvas.polygon(
            [(x, peak), (east, rim), ((west + east) / 2, rim + 16 * size), (west, rim)],
            shade if panel % 2 else mix(shade, (255, 250, 240), 0.75),
        )


def noise(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw loudspeakers in front of a bar at night; afterwards only the lit bar."""
    for bulb in range(13):
        x = 560 + bulb * 66
        y = 700 + 46 * math.sin(math.pi * bulb / 12)
        colour = [(255, 120, 90), (255, 214, 110), (120, 220, 180), (140, 170, 255)][bulb % 4]
        canvas.glow(x, y, 30, colour, 7)
        canvas.oval(x, y, 9, 12, colour)
    if repaired:
        return
    for x, height in ((640, 400), (1080, 340)):
        foot = 1080
        canvas.shadow(x, foot, 150, 24)
        canvas.box(x - 118, foot - height, x + 118, foot, (36, 34, 42), 10)
        canvas.box(x - 106, foot - height + 12, x + 106, foot - 12, (52, 50, 60), 8)
        for at, radius in ((foot - 112, 84), (foot - height + 92, 56)):
            for ring in range(4):
                canvas.oval(
                    x,
                    at,
                    radius * (1 - ring * 0.24),
                    radius * (1 - ring * 0.24),
                    (26, 24, 30) if ring % 2 == 0 else (92, 88, 100),
                )
        for wave in range(3):
            for side, angle in ((1, -42), (-1, 138)):
                canvas.arc(
                    x + side * 120,
                    foot - height + 100,
                    66 + wave * 56,
                    angle,
                    angle + 84,
                    (255, 214, 130, 210 - wave * 50),
                    11,
                )


def wall(canvas: Canvas, light: Light, *, repaired: bool) -> None:
    """Draw a cracked wall that leans over the pavement; afterwards rebuilt and plastered."""
    face = light.on((226, 196, 150)) if repaired else light.on((206, 172, 132))
    brick = light.on((178, 96, 68))
    outline: list[Point] = [(880, 1080), (880, 620), (1640, 560), (1640, 1160)]
    if not repaired:
        outline = [
            (880, 1080),
            (850, 760),
            (960, 640),
            (1040, 700),
            (1130, 600),
            (1240, 660),
            (1330, 560),
            (1640, 540),
            (1640, 1160),
        ]
    canvas.shadow(1200, 1110, 460, 46)
    canvas.polygon([(x - 26, y + 8) for x, y in outline], mix(face, (0, 0, 0), 0.35))
    canvas.polygon(outline, face)
    if repaired:
        canvas.polygon([(870, 636), (870, 596), (1640, 534), (1640, 576)], light.on((156, 84, 62)))
        canvas.polygon([(880, 1000), (880, 1080), (1640, 1160), (1640, 1070)], light.on((40, 110, 88)))
        return
    for patch in ((980, 860, 100, 84), (1250, 800, 150, 90), (1480, 950, 110, 120)):
        shape = canvas.blob(*patch, 0.2)
        canvas.polygon(shape, brick)
        for course in range(6):
            y = patch[1] - patch[3] * 0.7 + course * patch[3] * 0.28
            reach = patch[2] * 0.86 * math.sqrt(max(0.05, 1 - ((y - patch[1]) / patch[3]) ** 2))
            canvas.line([(patch[0] - reach, y), (patch[0] + reach, y)], mix(brick, (255, 230, 200), 0.4), 4)
    for start in ((1040, 700), (1240, 660), (1420, 580)):
        path: list[Point] = [start]
        for _step in range(6):
            path.append((path[-1][0] + canvas.random.uniform(-40, 46), path[-1][1] + canvas.random.uniform(40, 74)))
        canvas.line(path, light.on((70, 52, 44)), 8)
    for _fallen in range(26):
        x, y = canvas.random.gauss(900, 110), canvas.random.uniform(1060, 1150)
        canvas.polygon(
            inset(canvas.blob(x, y, 42, 24, 0.3), 1.0),
            light.on(canvas.random.choice([(178, 96, 68), (206, 172, 132), (150, 84, 62)])),
        )
