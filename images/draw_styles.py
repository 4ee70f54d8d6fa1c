"""Draw the style pictures of this project: brush strokes, stained glass and marbled paper.

Run as ``python images/draw_styles.py [folder]``, by default into ``style`` beside this file.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, SCALE = 720, 540, 3  # drawn SCALE times larger and then shrunk: clean edges
W, H, ASPECT = WIDTH * SCALE, HEIGHT * SCALE, WIDTH / HEIGHT


def rgb(codes):
    """Turn hexadecimal colour codes into an array of float colours between 0 and 1."""
    return np.array([list(bytes.fromhex(code)) for code in codes.split()]) / 255


# Vortices and lights: x, y and radius in units of the height, sense and strength of the turn.
VORTICES = [(0.86, 0.30, 0.20, -1.9), (1.20, 0.40, 0.11, 1.6), (0.62, 0.05, 0.10, 1.5)]
LIGHTS = [(0.34, 0.37, 0.185, 2.4), (0.07, 0.13, 0.070, -2.2), (0.66, 0.56, 0.055, -2.2)]
LIGHTS += [(1.15, 0.12, 0.085, 2.2), (1.02, 0.59, 0.062, 2.2)]
# Layers of paint: colour jitter, then distance, width and length of the strokes in final pixels.
LAYERS, STEPS = [(0.09, 20, 22, 140), (0.12, 15, 15, 105), (0.14, 13, 10, 75)], 14
SMALL_W, SMALL_H = WIDTH // 2, HEIGHT // 2  # strokes need no finer map of colours than this
SKY = rgb("080f38 111f62 162c86 1c3c9c 2a62c0 1f7f9c 5fb0c4 b4dcd2 2a55b4 101b55")
GLOW = rgb("fffbe4 fff0a8 fdd04a f39a26 ffdf7a ef8a24 ffd65c")
SEA = rgb("081238 0d2f5c 0f5a70 1c8284 58b59c d6ead0 14487c 0b1c50")
ACCENTS = rgb("8f7fe0 f2a58a e8f4e0 35c0b8 ffe9b0")
# The rose window: radius, number of panes and jewels (taking turns) of each ring, from the middle.
ROSE = np.array([0.60, 0.50])
RADII = [0, 0.075, 0.165, 0.205, 0.270, 0.365, 0.400, 0.462, 0.545]
COUNTS = [1, 8, 8, 8, 16, 16, 16, 32, 32]
RING_JEWELS = "amber ruby amber turquoise cobalt ruby amber cobalt,violet emerald,cobalt,violet"
ARM_JEWELS = ["cobalt", "violet", "ruby", "cobalt", "turquoise", "emerald"]
JEWELS = {"amber": rgb("7a2f02 e08a12 ffd66b"), "ruby": rgb("3d0010 b8081f f8452f")}
JEWELS |= {"cobalt": rgb("04104a 1440b8 5ea2ff"), "violet": rgb("1d0640 5c1f9c b77cf0")}
JEWELS |= {"emerald": rgb("00301c 0a8f4c 86eaa0"), "turquoise": rgb("003440 0a8c9c 86e8e4")}
# Neighbours in this list contrast, so that every ring of ink shows as a vein.
INKS = rgb("08293c f6ead0 cf3a20 e3a233 125062 f3d9a0 b52a1c f6ead0 1f7482")


def ramp(t, colours):
    """Interpolate evenly spaced colours at the positions t (0 to 1)."""
    stops = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(t, stops, channel) for channel in colours.T], axis=-1)


def noise(rng, cells, octaves=1, width=W, height=H):
    """Make smooth noise of unit variance with the given number of cells across."""
    total = 0
    for across in (cells * 2**octave for octave in range(octaves)):
        grain = rng.normal(size=(across * height // width, across)).astype(np.float32)
        total = total + np.asarray(Image.fromarray(grain).resize((width, height), 3)) / across
    return total / total.std()


def unit_grid(width=W, height=H):
    """Return x and y of the pixel centres."""
    return np.meshgrid((np.arange(width) + 0.5) / height, (np.arange(height) + 0.5) / height)


def to_image(picture):
    """Turn a float picture into an image of bytes."""
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def horizon(x):
    """Return the height at which the sky meets the sea."""
    return 0.73 + 0.022 * np.sin(4.0 * x + 0.5) + 0.010 * np.sin(9.0 * x + 2.0)


def flow(x, y):
    """Return the unit direction of the brush at the given points."""
    u, v = np.ones_like(x), 0.55 * np.cos(4.2 * x + 2.0 * y) - 0.25 * np.sin(7.0 * y)
    for cx, cy, radius, turn in VORTICES + LIGHTS:
        dx, dy = x - cx, y - cy
        far = np.hypot(dx, dy) / radius
        pull = 2.2 * turn * np.exp(-((far / 1.25) ** 2)) / (far * radius + 1e-6)
        # Vortices draw inwards; the rings about the lights all but close.
        inwards = abs(pull) * (0.18 if (cx, cy, radius, turn) in VORTICES else 0.04)
        u, v = u - pull * dy - inwards * dx, v + pull * dx - inwards * dy
    # The swell of the sea grows towards the beholder.
    depth = np.clip(y - horizon(x), 0, 1)
    swell = (0.35 + 2.2 * depth) * np.cos(9.0 * x / (1 + 1.6 * depth) + 16 * depth)
    below = 1 / (1 + np.exp(-(y - horizon(x)) / 0.012))
    u, v = u * (1 - below) + below, v * (1 - below) + below * swell
    length = np.hypot(u, v) + 1e-9
    return u / length, v / length


def trace(x, y, step, count):
    """Follow the flow from many points at once; the result has one row of points per step."""
    points = [(x, y)]
    for _ in range(count):
        u, v = flow(x, y)
        u, v = flow(x + u * step / 2, y + v * step / 2)
        x, y = x + u * step, y + v * step
        points.append((x, y))
    return np.array(points)


def streaks(rng):
    """Smear noise along the flow and equalise it: bands of colour that follow the brush."""
    grain, total = noise(rng, 44, 2, SMALL_W, SMALL_H), np.zeros((SMALL_H, SMALL_W))
    for step in (0.006, -0.006):
        for px, py in trace(*unit_grid(SMALL_W, SMALL_H), step, 34):
            column = np.clip(px * SMALL_H, 0, SMALL_W - 1).astype(int)
            total += grain[np.clip(py * SMALL_H, 0, SMALL_H - 1).astype(int), column]
    return total.ravel().argsort().argsort().reshape(total.shape) / total.size


def night_colours(rng):
    """Return the colour that the brush takes up at each place."""
    x, y = unit_grid(SMALL_W, SMALL_H)
    band, depth = streaks(rng), y - horizon(x)
    picture = np.where(depth[..., None] > 0, ramp(band, SEA), ramp(band, SKY))
    for cx, cy, radius, _ in LIGHTS:
        far = np.hypot(x - cx, y - cy) / radius
        halo = np.clip(3.6 - 3 * far, 0, 1) + 0.6 * np.exp(-(((far - 1.5) / 0.09) ** 2))
        # Below the horizon the light lies on the water as a broken, widening path.
        path = np.exp(-(((x - cx) / (0.30 * radius + 0.10 * np.clip(depth, 0, 1))) ** 2))
        weight = np.where(depth > 0, 0.55 * path * (radius / 0.185) ** 0.5, halo)
        tone = np.where(depth > 0, 0.25 + 1.2 * depth, far / 1.5) + 0.16 * (band - 0.5)
        # A stroke is either of light or of night: mixing the two would only make grey.
        lit = rng.random(weight.shape) < weight
        picture[lit] = ramp(tone[lit], GLOW)
    return picture


def paint_stroke(rng, paint, relief, path, width, colour):
    """Paint one tapered stroke, bristle by bristle, into the colour and the height picture."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-9
    t = np.linspace(0, 1, len(path))
    # A brush lands quickly and is lifted slowly.
    half = width / 2 * np.minimum(1, (t / 0.12 + 0.12) ** 0.6) * (1 - t**3) ** 0.6
    side = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * half[:, None]
    outline = np.concatenate([path + side, (path - side)[::-1]]).ravel().tolist()
    paint.polygon(outline, fill=tuple((colour * 255).astype(int)))
    relief.polygon(outline, fill=70)
    for offset in np.linspace(-0.92, 0.92, max(5, int(width / SCALE / 1.5))):
        line = (path + side * offset)[rng.integers(0, 3) : len(path) - rng.integers(0, 5)]
        shade = np.clip(colour * (1 + rng.normal(0, 0.10)) + rng.normal(0, 0.014, 3), 0, 1)
        thick = int(rng.integers(SCALE, 2 * SCALE + 1))
        paint.line(line.ravel().tolist(), fill=tuple((shade * 255).astype(int)), width=thick)
        # Paint is pushed outwards: the rims of a stroke stand highest.
        lift = 90 + 70 * abs(offset) ** 3 + rng.normal(0, 26)
        relief.line(line.ravel().tolist(), fill=int(np.clip(lift, 0, 255)), width=thick)


def paint_layer(rng, draws, colours, jitter, *sizes):
    """Cover the picture with one layer of strokes."""
    spacing, width, length = (size * SCALE for size in sizes)
    gx, gy = np.meshgrid(np.arange(-spacing, W + spacing, spacing), np.arange(0, H, spacing))
    seeds = np.stack([gx.ravel(), gy.ravel()], 1) + rng.uniform(-0.5, 0.5, (gx.size, 2)) * spacing
    rng.shuffle(seeds)
    step = length * rng.uniform(0.6, 1.3, len(seeds)) / H / 2 / STEPS
    back, ahead = (trace(*(seeds.T / H), way, STEPS) for way in (-step, step))
    paths = np.concatenate([back[::-1], ahead[1:]]).transpose(2, 0, 1) * H
    for seed, path in zip(seeds, paths, strict=True):
        column, row = np.clip(seed / W * SMALL_W, 0, (SMALL_W - 1, SMALL_H - 1)).astype(int)
        colour = colours[row, column] * (1 + rng.normal(0, jitter)) + rng.normal(0, jitter / 4, 3)
        if rng.random() < 0.05:
            colour = 0.6 * colour + 0.4 * ACCENTS[rng.integers(len(ACCENTS))]
        paint_stroke(rng, *draws, path, width * rng.uniform(0.75, 1.25), np.clip(colour, 0, 1))


def draw_strokes(rng):
    """Draw a night of swirling brush strokes around glowing lights above a moving sea."""
    colours = night_colours(rng)
    canvas, relief = Image.new("RGB", (W, H), (12, 20, 64)), Image.new("L", (W, H))
    for layer in LAYERS:
        paint_layer(rng, (ImageDraw.Draw(canvas), ImageDraw.Draw(relief)), colours, *layer)
    height = np.asarray(relief.filter(ImageFilter.GaussianBlur(0.5 * SCALE))) / 255
    slope = (np.gradient(height, axis=0) + np.gradient(height, axis=1)) * SCALE
    shade = np.clip(slope, -0.35, 0.45)[..., None]
    return np.asarray(canvas) / 255 * (1 + shade) + 0.22 * np.clip(shade, 0, 1)


def glass_panes(rng):
    """Place the panes on rings about the rose and beyond them at will; name their jewels."""
    seeds, jewels = [], []
    for ring, names in enumerate(RING_JEWELS.split()):
        angles = (np.arange(COUNTS[ring]) + (0.5, 0)[ring % 2]) / COUNTS[ring] * 2 * np.pi
        circle = np.stack([np.cos(angles), np.sin(angles)], 1) * RADII[ring]
        seeds += list(ROSE + circle + rng.normal(0, 0.003, circle.shape))
        jewels += [names.split(",")[i % len(names.split(","))] for i in range(COUNTS[ring])]
    while len(seeds) < 330:
        point = rng.uniform((-0.12, -0.12), (ASPECT + 0.12, 1.12))
        space = 0.028 + 0.05 * (np.sin(7 * point[0] + 3) * np.sin(6 * point[1]) > 0)
        if np.hypot(*(point - ROSE)) > 0.58 and np.min(np.hypot(*(seeds - point).T)) > space:
            seeds.append(point)
    seeds = np.array(seeds)
    points = rng.uniform((-0.12, -0.12), (ASPECT + 0.12, 1.12), (30000, 2))
    for _ in range(2):  # Lloyd's relaxation
        nearest = ((points[:, None] - seeds) ** 2).sum(-1).argmin(1)
        for i in set(nearest[nearest >= sum(COUNTS)]):
            seeds[i] = points[nearest == i].mean(0)
    for dx, dy in seeds[sum(COUNTS) :] - ROSE:
        turn = np.arctan2(dy, dx) / (2 * np.pi) - 0.30 * np.hypot(dx, dy) + rng.normal(0, 0.008)
        jewels.append("amber" if rng.random() < 0.06 else ARM_JEWELS[int(turn * 12) % 6])
    return seeds, jewels


def shade_pane(rng, px, py, inside, ripple, jewel):
    """Colour one pane: streaked glass, darker at the leads and lit from one side."""
    angle = rng.uniform(0, np.pi)
    streak = np.sin((px * np.cos(angle) + py * np.sin(angle)) * 260 + 2.2 * ripple)
    tone = 0.46 + rng.uniform(-0.24, 0.24) + 0.075 * ripple + 0.05 * streak - 2.0 * (px + py)
    return ramp(tone + 0.42 * (np.clip(inside / 0.028, 0, 1) ** 0.7 - 0.6), JEWELS[jewel])


def draw_glass(rng):
    """Draw a leaded rose window."""
    seeds, jewels = glass_panes(rng)
    # Bending the plane a little bends the leads, as a hand would.
    x, y = (axis + 0.0045 * noise(rng, 7) for axis in unit_grid())
    lead, picture, ripple = np.full((H, W), -1.0), np.zeros((H, W, 3)), noise(rng, 50, 3)
    for i, seed in enumerate(seeds):
        low, high = np.clip(((seed - 0.17) * H, (seed + 0.17) * H), 0, (W, H)).astype(int)
        box = slice(low[1], high[1]), slice(low[0], high[0])
        px, py = x[box] - seed[0], y[box] - seed[1]
        edge = inside = np.ones(px.shape)
        gaps = seeds - seed
        for j in np.argsort((gaps**2).sum(1))[1:24]:
            length = np.hypot(*gaps[j])
            distance = length / 2 - (px * gaps[j][0] + py * gaps[j][1]) / length
            # The bars between glass of different colours carry the window: they are thicker.
            half = 0.0062 if jewels[i] != jewels[j] else 0.0032
            edge, inside = np.minimum(edge, distance), np.minimum(inside, distance - half)
        mine = edge >= 0
        lead[box][mine] = inside[mine]
        picture[box][mine] = shade_pane(rng, px, py, inside, ripple[box], jewels[i])[mine]
    # The sun stands behind the rose.
    picture *= 0.72 + 0.62 * np.exp(-(np.hypot(x - ROSE[0], y - ROSE[1])[..., None] ** 2) / 0.18)
    cover = np.clip(0.5 - lead * H / 1.5, 0, 1)[..., None]
    # A lead is round: a dull gleam runs along its middle.
    metal = rgb("0c0b12") + rgb("1c1a24") * np.clip(-lead / 0.006, 0, 1)[..., None] ** 2
    picture = picture * (1 - cover) + metal * cover
    bloom = np.asarray(to_image(picture).filter(ImageFilter.GaussianBlur(7 * SCALE))) / 255
    return picture + 0.22 * bloom**1.3


def comb(z, angle, origin, spacing, shift, sharp):
    """Undo a comb: parallel tines drawn through the bath along the given angle."""
    along = np.exp(1j * angle)
    off = ((z / along).imag - origin + spacing / 2) % spacing - spacing / 2
    return z - along * shift * sharp / (np.abs(off) + sharp)


def swirl(z, centre, radius, turn):
    """Undo a circular stir about a centre."""
    return centre + (z - centre) * np.exp(-1j * turn * np.exp(-(abs((z - centre) / radius) ** 2)))


def ink_drops(rng):
    """Return the drops of ink in the order in which they fall: place, radius, ink."""
    gx, gy = np.meshgrid(np.arange(-0.45, ASPECT + 0.45, 0.19), np.arange(-0.45, 1.45, 0.19))
    centres = np.stack([gx.ravel(), gy.ravel()], 1) + rng.normal(0, 0.045, (gx.size, 2))
    for turn in range(7):
        for number in rng.permutation(len(centres)):
            x, y = centres[number] + rng.normal(0, 0.010, 2)
            yield complex(x, y), rng.uniform(0.035, 0.070), (turn + 4 * number) % len(INKS)


def draw_marble(rng):
    """Draw a sheet of marbled paper by following every point back through the bath."""
    x, y = unit_grid()
    z = (x + 1j * y).ravel()
    z = swirl(swirl(z, 0.42 + 0.47j, 0.17, 3.5), 0.98 + 0.60j, 0.15, -3.5)
    z = comb(z, np.pi / 2, 0.0, 0.20, 0.16, 0.02)
    z = comb(comb(z, 0.0, 0.06, 0.36, 0.22, 0.04), np.pi, 0.24, 0.36, 0.22, 0.04)
    colour, left = np.tile(INKS[0], (z.size, 1)), np.arange(z.size)
    for centre, radius, ink in reversed(list(ink_drops(rng))):
        square = ((z - centre).real ** 2 + (z - centre).imag ** 2) / radius**2
        hit, keep = square < 1, square >= 1
        # Ink gathers at the rim of its drop and pushes outwards all that lay there before.
        colour[left[hit]] = INKS[ink] * (1 - 0.16 * square[hit, None] ** 4)
        left, z = left[keep], centre + (z - centre)[keep] * np.sqrt(1 - 1 / square[keep])
    return colour.reshape(H, W, 3)


def main():
    """Draw all pictures into the folder named on the command line."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "style"
    folder.mkdir(parents=True, exist_ok=True)
    for draw, seed in ((draw_strokes, 15), (draw_glass, 11), (draw_marble, 30)):
        image = to_image(draw(np.random.default_rng(seed)))
        image = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        path = folder / f"{draw.__name__.removeprefix('draw_')}.jpg"
        # Colour halved in one direction only: the edges of saturated colours would fray else.
        image.save(path, quality=85, subsampling=1, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
