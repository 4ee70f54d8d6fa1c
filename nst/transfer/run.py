"""One transfer from files to files: what `nst transfer`, and every cell of the grid, does."""

import os
import platform
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

import torch
from PIL import Image

from nst.config.settings import Settings
from nst.disk import images
from nst.disk.files import stamp, sweep_beside, write_together
from nst.disk.record import ENGINE, OUTCOMES, Record, record_bytes, trace_bytes
from nst.engine.backbone import Backbone
from nst.engine.stages import Evaluation
from nst.machine import signals
from nst.transfer import weights
from nst.transfer.breakdown import explained
from nst.transfer.checkpoint import Checkpoint, key_of
from nst.transfer.device import choose_precision, peak_memory, take_device
from nst.transfer.job import Job, refuse_bad_places
from nst.transfer.memory import advice, choose_tile
from nst.transfer.originals import Originals, read_originals
from nst.transfer.resume import Optimisation, tile_to_go_on_by
from nst.transfer.snapshots import Snapshots


def run(job: Job, settings: Settings, say: Callable[[str], None]) -> None:
    """Make a picture, its record, trace and film, as far as asked for; all of them or none.

    With a checkpoint it goes on from there, and a stop signal ends the whole process, once what was
    done is saved. Raises NstError for whatever the user can mend: pictures, weights, places, memory.
    """
    refuse_bad_places(job, settings)
    with explained(
        lambda: f"not enough memory to begin with size {settings.size}: choose a smaller one"
    ):
        _run(job, settings, say)


def _run(job: Job, settings: Settings, say: Callable[[str], None]) -> None:
    for path in job.places():
        sweep_beside(path)
    originals = read_originals(job.content, job.style, settings, say)
    file = job.weights or weights.fetch(settings.backbone, weights.default_folder())
    # A fetched file has its sum beside it: a damaged one must not make pictures in silence.
    seen = stamp(file)
    found = weights.check(file, weights.noted(file))
    device, device_name = take_device(settings, say)
    settings = replace(settings, precision=choose_precision(settings, device), device=device.type)
    width, height = images.size_at(originals.content.size, settings.size)
    snapshots = Snapshots(settings.snapshot_every if job.film else 0, settings.evaluations, say)
    checkpoint = None
    if job.checkpoint:
        checkpoint = Checkpoint(job.checkpoint, _key(settings, originals, found, snapshots), say)
    saved = checkpoint.load(device) if checkpoint else None
    tile = choose_tile(settings, height, width, device)
    settings = replace(settings, tile=tile_to_go_on_by(saved, settings, tile, say))
    if isinstance(settings.tile, int):
        say(f"going through the pictures by tiles of {settings.tile} pixels")
    load = partial(_load, file, seen, found, settings)
    optimisation = Optimisation(load, settings, device, originals, snapshots, checkpoint)
    with _guarded(checkpoint, say), explained(partial(advice, settings, height, width, device)):
        result, rows = optimisation.run(saved)
        picture = images.to_picture(result.image)
        losses, terms = optimisation.final_losses(picture)
        say(
            "final losses (8-bit picture, fp32): "
            + "  ".join(f"{name} {value:.5g}" for name, value in losses.items())
        )
        if result.outcome != "completed":
            say(f"outcome: {result.outcome}: {OUTCOMES[result.outcome]}")
        record = Record(
            outcome=result.outcome,
            evaluations=result.evaluations,
            seconds=round(result.seconds, 3),
            losses=losses,
            terms=terms,
            settings=settings.as_json(),
            engine=ENGINE,
            inputs=originals.inputs(),
            weights={"backbone": settings.backbone, "sha256": found},
            versions=_versions(),
            device=device_name,
            peak_memory_mb=round(peak_memory(device), 1),
            threads=torch.get_num_threads(),
        )
        files = _files(job, record, rows, picture, snapshots)  # takes seconds: a stop may come amid it
        with checkpoint.undisturbed() if checkpoint else signals.ignored():
            write_together(files)
            if checkpoint:
                checkpoint.remove()
    say(f"wrote {' and '.join(str(path) for path in (job.picture, job.film) if path)}")


def _key(settings: Settings, originals: Originals, weights_sum: str, snapshots: Snapshots) -> str:
    """All that a picture's bytes depend on, but the number of threads and the tiles."""
    sums = [given["sha256"] for given in originals.inputs().values()]
    return key_of(
        {
            **settings.pixels(),
            **{"device": settings.device, "inputs": sums, "weights": weights_sum, "engine": ENGINE},
            **{"snapshot_every": snapshots.every, "versions": _versions()},
        }
    )


def _load(
    file: Path, seen: object, found: str, settings: Settings, precision: str, device: torch.device
) -> Backbone:
    """The network of a weights file; refused if that is no longer the one whose sum was found."""
    backbone = Backbone(settings, file, precision, device)
    if stamp(file) != seen:
        weights.check(file, found)
    return backbone


@contextmanager
def _guarded(checkpoint: Checkpoint | None, say: Callable[[str], None]) -> Iterator[None]:
    """Let what is done within be saved when it is stopped, or fails."""
    if checkpoint is None:
        yield
        return
    with signals.answered(partial(_stop, checkpoint, say)), checkpoint.saved_on_failure():
        yield


def _stop(checkpoint: Checkpoint, say: Callable[[str], None], number: int) -> None:
    """End this process for a signal, unless all is done but to end: then let it."""
    with checkpoint.undisturbed():
        if checkpoint.removed:
            return
        left = checkpoint.leave() or "it had hardly begun"
        say(f"stopped by {signal.Signals(number).name}; {left}")
        os._exit(128 + number)


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("nst-grid", "torch", "pillow")},
    }


def _files(
    job: Job,
    record: Record,
    rows: list[Evaluation],
    picture: Image.Image,
    snapshots: Snapshots,
) -> dict[Path, bytes]:
    losses = ((r.number, r.total, r.content, r.style, r.tv, r.seconds) for r in rows)
    files = {  # the picture last: it says that all is there
        job.trace: trace_bytes(losses),
        job.record: record_bytes(record),
        job.film: snapshots.film(picture) if job.film else b"",
        job.picture: images.png_bytes(picture),
    }
    return {path: data for path, data in files.items() if path}
