"""Whole transfers as processes of their own, as a grid runs them."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from gpu_sections.common import called, command, is_over, timed, transferred


def transfer(options) -> None:
    """wall time of one `python -m nst transfer`, in parts"""
    empty = timed(lambda: called(["python", "-c", "import torch"]))
    with tempfile.TemporaryDirectory() as folder:
        for recipe in ("gatys", "crowson"):
            seconds, record = transferred(options, Path(folder), "--recipe", recipe)
            rest = seconds - record["seconds"] - empty
            print(
                f"{recipe}, {options.size} px, {record['evaluations']} evaluations:"
                f" {seconds:.1f} s = import torch {empty:.1f} + optimization {record['seconds']:.1f}"
                f" + rest {rest:.1f}; {record['settings']['precision']}, {record['outcome']},"
                f" loss {record['losses']['total']:.5g}, peak {record['peak_memory_mb']} MB",
                flush=True,
            )


def two_jobs(options) -> None:
    """two transfers at once on one device, against one alone"""
    with tempfile.TemporaryDirectory() as name:
        folder, names = Path(name), ("alone", "a", "b")
        commands = {each: command(options, folder, each) for each in names}
        alone = timed(lambda: called(commands["alone"]))
        start = time.perf_counter()
        both = [running(commands[each], NST_GPU_SLOTS="2") for each in ("a", "b")]
        statuses = [process.wait() for process in both]
        seconds = time.perf_counter() - start
        same = len({(folder / f"{each}.png").read_bytes() for each in names}) == 1
        print(f"alone {alone:.1f} s, both {seconds:.1f} s, exit {statuses}, same bytes: {same}")


def tiles(options) -> None:
    """the largest size, whole and by tiles"""
    with tempfile.TemporaryDirectory() as folder:
        size, seconds = max(options.sizes), 0.0
        for tile in ("none", str(max(64, size // 2)), str(max(64, size // 4))):
            if is_over(options, seconds):
                return
            flags = ("--size", str(size), "--evaluations", "30", "--tile", tile)
            seconds, record = transferred(options, Path(folder), *flags)
            print(
                f"tile {tile}: {record['seconds']:.1f} s, peak {record['peak_memory_mb']} MB,"
                f" loss {record['losses']['total']:.5g}",
                flush=True,
            )


def resumed(options) -> None:
    """a transfer that is stopped and resumed makes the same bytes as one that is not"""
    for recipe in ("gatys", "adam-blog"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            more = ("--size", str(min(256, options.size)), "--recipe", recipe)
            more += ("--checkpoint", str(folder / "x.checkpoint"))
            called(command(options, folder, "whole", *more))
            stopped = command(options, folder, "resumed", *more)
            process = running(stopped, stderr=subprocess.PIPE)
            shown = 0
            for line in process.stderr or ():
                shown += line.startswith("evaluation ")
                if shown == 2:  # the first may come before there is anything to save
                    process.send_signal(signal.SIGTERM)
            print(f"{recipe}: stopped with status {process.wait()}", end=", ")
            print("checkpoint left:", (folder / "x.checkpoint").exists(), end=", ")
            called(stopped)
            whole, again = ((folder / f"{n}.png").read_bytes() for n in ("whole", "resumed"))
            evaluations, seconds = rates(folder)
            print(
                f"same bytes: {whole == again}; {seconds[0]:.1f} s of {evaluations} evaluations,"
                f" {seconds[1]:.1f} s with the stop",
                flush=True,
            )


def rates(folder: Path) -> tuple[int, list[float]]:
    """The evaluations, and the seconds of both optimizations."""
    records = [json.loads((folder / f"{n}.json").read_text()) for n in ("whole", "resumed")]
    return records[0]["evaluations"], [record["seconds"] for record in records]


def running(words: list[str], stderr: int = subprocess.DEVNULL, **more: str) -> subprocess.Popen:
    """A command that has been started."""
    return subprocess.Popen(words, stderr=stderr, text=True, env={**os.environ, **more})
