"""How much a print looks like the image that it is of, against one that is made afresh.

    python benchmarks/prints.py CONTENT STYLE --weights FILE [--cell 256] [--print 512]
        [--evaluations 60] [--out FOLDER] [--SETTING VALUE ...]

Makes an image (the cell), and from the same settings at the larger size two prints: one that starts
from the cell, one afresh. Prints, for both, the difference from the cell once the print is shrunk to
its size (root mean square, in levels of 255; once more after a blur of 4 pixels, which leaves colours
and large shapes), the evaluations and the seconds. The images stay in --out, to be looked at.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageFilter

BLUR = 4  # pixels


def make(options: argparse.Namespace, others: list[str], name: str, size: int, *more: str) -> dict:
    """Make one image; return its record."""
    files = [str(options.out / f"{name}{ending}") for ending in (".png", ".json")]
    subprocess.run(
        [
            *(sys.executable, "-m", "nst", "transfer", options.content, options.style),
            *("--out", files[0], "--record", files[1], "--weights", options.weights),
            *("--backbone", "vgg16", "--size", str(size)),
            *("--evaluations", str(options.evaluations), *others, *more),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return json.loads(Path(files[1]).read_text())


def difference(image: Image.Image, other: Image.Image) -> float:
    """The root mean square of the differences of two pictures, in levels."""
    gap = numpy.asarray(image, dtype=float) - numpy.asarray(other, dtype=float)
    return float(numpy.sqrt((gap**2).mean()))


def main() -> None:
    """Make the three images and compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("content")
    parser.add_argument("style")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--cell", type=int, default=256)
    parser.add_argument("--print", type=int, default=512, dest="size")
    parser.add_argument("--evaluations", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("prints"))
    options, others = parser.parse_known_args()
    options.out.mkdir(parents=True, exist_ok=True)

    make(options, others, "cell", options.cell)
    cell = options.out / "cell.png"
    records = {
        "cell": make(options, others, "from-cell", options.size, "--start", str(cell)),
        "afresh": make(options, others, "afresh", options.size),
    }
    with Image.open(cell) as file:
        wanted = file.convert("RGB")
    print("start    rms   blurred  evaluations  seconds  total loss")
    for start, record in records.items():
        name = "from-cell" if start == "cell" else "afresh"
        with Image.open(options.out / f"{name}.png") as file:
            small = file.convert("RGB").resize(wanted.size, Image.Resampling.LANCZOS)
        blurred = [picture.filter(ImageFilter.GaussianBlur(BLUR)) for picture in (small, wanted)]
        print(
            f"{start:6} {difference(small, wanted):5.1f} {difference(*blurred):8.1f}"
            f" {record['evaluations']:11} {record['seconds']:9.0f} {record['losses']['total']:11.4g}"
        )


if __name__ == "__main__":
    main()
