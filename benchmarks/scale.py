"""How planning, aggregates and the page grow with the grid: no transfer, cells written by a stand-in.

    python benchmarks/scale.py 10000 [--folder DIR] [--pixels 320] [--sheets 20]

Prints the CPU and wall seconds of every step and the peak memory of its largest process. Judge by the
CPU seconds where the machine is shared. Without a touch by Snakemake cells have no metadata, and a plan
has less to read; the touch of 10,000 cells takes minutes. Chromium with its driver opens the page.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from nst.config.grid import Cell, Grid, expand
from nst.disk.record import ENGINE, Record, record_bytes, trace_bytes
from nst.disk.sums import Sums
from nst.results.live import LivePage
from nst.results.sheet_plan import plan
from nst.results.states import State, survey

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = [10, 30, 100, 300, 1000]
PICTURES = sorted((ROOT / "images").glob("*/*.jpg"))
PAINT = """
const done = arguments[0];
const look = () => {
  const seen = performance.getEntriesByName('first-contentful-paint')[0];
  seen ? done(seen.startTime) : setTimeout(look, 50);
};
look();
"""
SLIDER = """
const done = arguments[0], slider = document.querySelector('#grid input[type=range]');
const start = performance.now();
slider.value = slider.max; slider.dispatchEvent(new Event('input'));
requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cells", type=int, help="how many cells, a multiple of 5")
    parser.add_argument("--folder", type=Path, help="where to put the grid (a temporary folder)")
    parser.add_argument("--pixels", type=int, default=320, help="longer side of the images (320)")
    parser.add_argument(
        "--sheets", type=int, help="draw that many sheets, instead of all, and stop there"
    )
    options = parser.parse_args()
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="nst-scale-"))).resolve()
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    os.environ["NST_GPUS"] = ""
    write_project(folder, options.cells)
    os.chdir(folder)
    print(f"{'':<40} {'CPU s':>8} {'wall s':>8} {'MB':>6}")
    snakemake = ["snakemake", "--cores", str(os.cpu_count()), "--quiet"]
    report("plan, nothing made", [*snakemake, "--dry-run"])
    grid = expand(["config.yaml"])
    write_cells(grid.cells, options.pixels)
    make_aggregates(grid, options.sheets, os.cpu_count())
    follow_run(grid)
    if not options.sheets:
        remove_aggregates()
        report("snakemake, all of these", snakemake)
        report("snakemake --touch, for the metadata", [*snakemake, "--touch", "--forceall"])
        report("snakemake, nothing to do", snakemake)
        added = add_style(options.pixels)
        report(f"snakemake, a style of {added} cells more", snakemake)
        first, second = (cell.file(".png") for cell in grid.cells[:2])  # of different pictures
        first.write_bytes(second.read_bytes())
        report("plan after one cell changed", [*snakemake, "--dry-run"])
    for name, size in (
        ("index.html", Path("results/index.html").stat().st_size),
        ("gallery/", below()),
    ):
        print(f"{'size of results/' + name:<40} {size / 1e6:8.1f} MB")
    open_page(folder)


def report(what: str, *commands: list[str]) -> None:
    """Run commands one after the other and print what they took, their children included."""
    start, cpu, peak = time.perf_counter(), 0.0, 0
    for command in commands:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)}:\n{said}")
        cpu, peak = cpu + used.ru_utime + used.ru_stime, max(peak, used.ru_maxrss)
    wall = time.perf_counter() - start
    print(f"{what:<40} {cpu:8.1f} {wall:8.1f} {peak / 1024:6.0f}", flush=True)


def make_aggregates(grid: Grid, sheets: int | None, threads: int) -> None:
    """Run every aggregate's command as the workflow does, the sheets one after the other."""
    nst = [sys.executable, "-m", "nst"]
    names = list(plan(grid))
    drawn = names[:sheets]
    report("table", [*nst, "table", "--out", "results/losses.csv"])
    report("summary", [*nst, "summary", "--out", "results/summary.md"])
    report("curves", [*nst, "curves"])
    commands = [[*nst, "sheet", name, "--out", f"results/sheets/{name}.png"] for name in drawn]
    report(f"{len(drawn)} of {len(names)} sheets", *commands)
    for name in names[len(drawn) :]:
        shutil.copy(f"results/sheets/{drawn[0]}.png", f"results/sheets/{name}.png")
    report("gallery", [*nst, "gallery", "--out", "results/index.html", "--threads", str(threads)])
    report("gallery again, nothing changed", [*nst, "gallery", "--out", "results/index.html"])


def add_style(pixels: int) -> int:
    """Add a style to the config and write its cells; how many there are."""
    path = Path("config.yaml")
    config = json.loads(path.read_text())
    config["style"]["another"] = "another.jpg"
    shutil.copy(PICTURES[0], "another.jpg")
    path.write_text(json.dumps(config))
    grid = expand([path])
    added = [cell for cell in grid.cells if cell.style == "another"]
    write_cells(added, pixels)
    return len(added)


def follow_run(grid: Grid) -> None:
    """What the page costs while a run is under way, in the process that watches it.

    The first half of the cells is made when the run begins; then the others come.
    """
    states, waiting = survey(grid.cells), list(grid.cells[len(grid.cells) // 2 :])
    before = states | {cell.id: State("missing", "not made yet") for cell in waiting}
    status = {"state": "running", "cells": len(grid.cells), "to_make": len(waiting), "under_way": []}

    def measure(what: str, act: Callable[[], Any]) -> Any:
        start, cpu = time.perf_counter(), time.process_time()
        result = act()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - start
        print(f"{what:<40} {cpu:8.3f} {wall:8.3f}", flush=True)
        return result

    page = measure("page of a run, written", lambda: LivePage(grid, before, status))
    for count in (0, 1, 20, 0):
        changed = {cell.id: states[cell.id] for cell in waiting[:count]}
        del waiting[:count]
        measure(f"page of a run, {count} images more", lambda: page.update(changed, status))  # noqa: B023
    while waiting:
        page.update({cell.id: states[cell.id] for cell in waiting[:20]}, status)
        del waiting[:20]
    measure("page of a run, nothing more at its end", lambda: page.update({}, status))


def remove_aggregates() -> None:
    for path in Path("results").iterdir():
        if path.name not in ("cells", "weights"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_project(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("Snakefile", "workflow", "profiles"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    pairs = count // len(WEIGHTS)
    contents = next(n for n in range(int(pairs**0.5), 0, -1) if pairs % n == 0)
    styles = pairs // contents
    for n in range(max(contents, styles)):
        shutil.copy(PICTURES[n % len(PICTURES)], folder / f"p{n:04}.jpg")
    config = {
        "content": {f"c{n:04}": f"p{n:04}.jpg" for n in range(contents)},
        "style": {f"s{n:04}": f"p{n:04}.jpg" for n in range(styles)},
        "grid": {"style_weight": WEIGHTS},
        "settings": {"backbone": "vgg16", "size": 320},
        "metrics": "none",
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    (folder / "results/weights").mkdir(parents=True)
    (folder / "results/weights/vgg16.safetensors").touch()  # nothing is transferred
    print(f"{contents} contents x {styles} styles x {len(WEIGHTS)} weights, below {folder}")


def write_cells(cells: Sequence[Cell], pixels: int) -> None:
    """Pictures, records and traces of the right shape; nothing in them was computed."""
    drawn = []
    for path in PICTURES:
        picture = Image.open(path)
        picture.thumbnail((pixels, pixels))
        picture.save("drawn.png")
        drawn.append(Path("drawn.png").read_bytes())
    Path("drawn.png").unlink()
    trace = trace_bytes((n, 1e4 / n, 1e3 / n, 9e3 / n, 0.0, 0.2 * n) for n in range(1, 101))
    sums = Sums()
    for number, cell in enumerate(cells):
        cell.file(".png").parent.mkdir(parents=True, exist_ok=True)
        cell.file(".csv").write_bytes(trace)
        cell.file(".json").write_bytes(record_bytes(stand_in(cell, number, sums)))
        cell.file(".png").write_bytes(drawn[number % len(drawn)])


def stand_in(cell: Cell, number: int, sums: Sums) -> Record:
    weight = cell.settings.style_weight
    content, style = weight**0.5 * (1 + number % 9 / 50), 100 / weight**0.5
    return Record(
        outcome="completed",
        evaluations=100,
        seconds=20.0 + number % 7,
        losses={
            "total": content + weight * style,
            "content": content,
            "style": weight * style,
            "tv": 0.0,
        },
        terms={
            "content": dict.fromkeys(cell.settings.content_layers, content),
            "style": dict.fromkeys(cell.settings.style_layers, style),
            "tv": {cell.settings.tv: 0.0},
        },
        settings={**cell.settings.as_json(), "precision": "bf16", "device": "cpu"},
        engine=ENGINE,
        inputs={
            name: {"path": str(path), "sha256": sums.of(path)}
            for name, path in (("content", cell.content_picture), ("style", cell.style_picture))
        },
        weights={"backbone": cell.settings.backbone, "sha256": "0" * 64},
        versions={},
        device="cpu",
        peak_memory_mb=500.0,
        threads=1,
    )


def below() -> int:
    return sum(path.stat().st_size for path in Path("results/gallery").glob("**/*") if path.is_file())


def open_page(folder: Path) -> None:
    """What a browser needs for the page: first paint, and a step of the slider."""
    from selenium import webdriver

    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        print("the page was not opened: no Chromium with its driver here")
        return
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1300,900"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        for view in ("grid", "images", "plot"):
            browser.get("about:blank")
            browser.get(f"file://{folder}/results/index.html#view={view}")
            paint = browser.execute_async_script(PAINT)
            print(f"{'first paint, ' + view:<40} {paint / 1000:8.2f} s")
        browser.get("about:blank")
        browser.get(f"file://{folder}/results/index.html#view=grid")
        print(f"{'a step of the slider':<40} {browser.execute_async_script(SLIDER) / 1000:8.2f} s")
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
