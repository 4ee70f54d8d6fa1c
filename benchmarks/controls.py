"""The sheets of docs/controls.md, one for each control, made of the sample pictures by the workflow.

    python benchmarks/controls.py FOLDER [--only NAME ...] [--cores 2]

FOLDER gets a project for each control; a second run goes on where a first one was stopped. The masks
are drawn here. VGG-16, 256 pixels, 60 evaluations.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[1]
SHEETS = ROOT / "docs/controls"
WIDEST = 1300  # pixels of a sheet in the docs
GAP = 24  # pixels between repeated images
CAT, COFFEE = "images/content/chelsea.jpg", "images/content/coffee.jpg"
STROKES, GLASS, MARBLE = (f"images/style/{name}.jpg" for name in ("strokes", "glass", "marble"))
FINE, COARSE = ["relu1_1", "relu2_1"], ["relu3_1", "relu4_1", "relu5_1"]
IN_REGIONS = {"picture": COFFEE, "regions": {"cup": "cup.png", "table": "table.png"}}
GUIDE = {"cup": {"style": "glass"}, "table": {"style": "strokes"}}
# Contents, styles and axes of every sheet, by the name of its file.
CONTROLS: dict[str, dict[str, Any]] = {
    "colour": {
        "content": {"coffee": COFFEE},
        "style": {"glass": GLASS},
        "grid": {"colour": ["style", "keep", "match", "match-style", "luminance", "palette"]},
    },
    "blends": {
        "content": {"cat": CAT},
        "style": {
            "strokes": STROKES,
            "strokes_and_glass": {STROKES: 1, GLASS: 1},
            "glass": GLASS,
            "fine_glass_coarse_strokes": {
                "fine": {"picture": GLASS, "layers": FINE},
                "coarse": {"picture": STROKES, "layers": COARSE},
            },
        },
    },
    "interpolation": {
        "content": {"cat": CAT},
        "style": {"strokes": STROKES, "marble": MARBLE},
        "interpolate": [{"from": "strokes", "to": "marble", "steps": 5}],
    },
    "masks": {
        "content": {"coffee": {"picture": COFFEE, "mask": "table.png"}},
        "style": {"strokes": STROKES},
        "grid": {"protect": [0, 0.5, 1]},
    },
    "transparency": {
        "content": {"cup": {"picture": "cut_out.png", "mask": "alpha"}},
        "style": {"marble": MARBLE, "glass": GLASS},
        "grid": {"alpha": ["white", "keep"]},
    },
    "regions": {
        "content": {"coffee": IN_REGIONS},
        "style": {"strokes": STROKES, "glass": GLASS, "cup_of_glass": {"guide": GUIDE}},
    },
    "edges": {
        "content": {"cat": CAT},
        "style": {"strokes": STROKES},
        "grid": {"edges_weight": [0, 30, 300]},
        "settings": {"style_weight": 5},
    },
    "start": {
        "content": {"cat": CAT},
        "style": {"marble": MARBLE},
        "grid": {"init_mix": [0, 0.5, 1]},
        "settings": {"init": "noise"},
    },
    "seamless": {
        "content": {"marble": MARBLE},
        "style": {"glass": GLASS},
        "grid": {"padding": ["replicate-all", "circular"]},
        "settings": {"content_weight": 0, "init": "noise", "tile": "none"},
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", choices=CONTROLS, default=list(CONTROLS))
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    SHEETS.mkdir(exist_ok=True)
    for name in options.only:
        folder = options.folder / name
        new_project(folder, CONTROLS[name])
        command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
        subprocess.run([*command, "--cores", str(options.cores)], check=True, env=os.environ)
        keep_repeated(folder, name) if name == "seamless" else keep_sheet(folder, name)


def new_project(folder: Path, config: dict[str, Any]) -> None:
    """A folder with the sample pictures, the masks and a config."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "images").exists():
        (folder / "images").symlink_to(ROOT / "images")
    (folder / "results").mkdir(exist_ok=True)
    if not (folder / "results/weights").exists():
        (folder / "results/weights").symlink_to(ROOT / "results/weights")
    draw_masks(folder)
    shared = {"size": 256, "evaluations": 60, **config.get("settings", {})}
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "settings": shared}, sort_keys=False))


def draw_masks(folder: Path) -> None:
    """The saucer and the cup of coffee.jpg as a mask, the table around it, and the cup cut out."""
    with Image.open(ROOT / COFFEE) as coffee:
        cup = Image.new("L", coffee.size)
        draw = ImageDraw.Draw(cup)
        draw.ellipse((76, 66, 480, 386), fill=255)  # the saucer
        draw.ellipse((172, 16, 410, 210), fill=255)  # the cup above it
        draw.polygon([(395, 66), (424, 66), (424, 110), (395, 130)], fill=255)  # the spoon
        cut_out = coffee.convert("RGB")
        cut_out.putalpha(cup)
    masks = {"cup": cup, "table": cup.point(lambda level: 255 - level), "cut_out": cut_out}
    for name, mask in masks.items():
        path = folder / f"{name}.png"
        if not path.exists():  # another date would be no reason to make images again, but why write it
            mask.save(path)


def keep_sheet(folder: Path, name: str) -> None:
    """The sheet of a project as a small JPEG in the docs."""
    sheets = sorted((folder / "results/sheets").glob("*.png"))
    if len(sheets) > 1:  # a grid of one content has a sheet that compares its variants
        sheets = [sheet for sheet in sheets if "_by_" in sheet.name] or sheets
    for number, sheet in enumerate(sheets):
        with Image.open(sheet) as picture:
            picture.thumbnail((WIDEST, 4 * WIDEST))
            ending = f"_{number + 1}" if len(sheets) > 1 else ""
            picture.convert("RGB").save(SHEETS / f"{name}{ending}.jpg", quality=88, optimize=True)


def keep_repeated(folder: Path, name: str) -> None:
    """Every image of a project in two rows and columns, in which a seam would show."""
    images = [Image.open(path) for path in sorted(folder.glob("results/cells/*/*/*.png"), reverse=True)]
    width, height = images[0].size
    repeated = Image.new("RGB", (len(images) * (2 * width + GAP) - GAP, 2 * height), "white")
    for number, image in enumerate(images):
        for across, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
            repeated.paste(image, (number * (2 * width + GAP) + across * width, down * height))
    repeated.save(SHEETS / f"{name}.jpg", quality=88, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
