"""One transfer from files to files: what `nst transfer`, and every cell of the grid, does."""

import math
import os
import platform
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from nst import engine, images, resume, signals, weights
from nst.backbone import Backbone
from nst.breakdown import explained, is_breakdown
from nst.checkpoint import Checkpoint, key_of
from nst.device import choose_precision, peak_memory, take_device
from nst.errors import NstError
from nst.files import stamp, sweep_beside, write_together
from nst.film import Snapshots
from nst.memory import advice, choose_tile, give_back
from nst.objective import Objective
from nst.places import Job, refuse_bad_places
from nst.progress import Progress
from nst.record import ENGINE, OUTCOMES, Record, record_bytes, trace_bytes
from nst.settings import Settings
from nst.stages import Originals, read_originals


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
    settings = replace(settings, tile=choose_tile(settings, height, width, device))
    if isinstance(settings.tile, int):
        say(f"going through the pictures by tiles of {settings.tile} pixels")
    snapshots = Snapshots(settings.snapshots if job.film else 0, settings.evaluations, say)
    checkpoint = None
    if job.checkpoint:
        checkpoint = Checkpoint(job.checkpoint, _key(settings, originals, found, snapshots), say)
    load = partial(_load, file, seen, found, settings)
    with _guarded(checkpoint, say), explained(partial(advice, settings, height, width, device)):
        result, rows = _optimise(load, settings, device, originals, snapshots, checkpoint)
        picture = images.to_picture(result.image)
        losses, terms = _final_losses(load, settings, device, originals, picture)
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
        with checkpoint.undisturbed() if checkpoint else signals.deferred():
            _write(job, record, rows, picture, snapshots)
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
            **{"snapshots": snapshots.every, "versions": _versions()},
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
        name = signal.Signals(number).name
        try:
            saved = checkpoint.save()
            then = "the same command goes on from here" if saved else "nothing was written"
        except NstError as error:
            then = f"nothing was saved: {error}"
        say(f"stopped by {name}; {then}")
        os._exit(128 + number)


def _optimise(
    load: Callable[[str, torch.device], Backbone],
    settings: Settings,
    device: torch.device,
    originals: Originals,
    snapshots: Snapshots,
    checkpoint: Checkpoint | None,
) -> tuple[engine.Result, list[engine.Evaluation]]:
    descend = partial(_descend, load, settings, device, originals, snapshots, checkpoint)
    saved = checkpoint.load(device) if checkpoint else None
    if saved is not None:
        try:
            return descend(saved)
        except resume.AMISS as error:
            if is_breakdown(error):
                raise
            snapshots.restore([])
            checkpoint.ignored("does not lead on")
    return descend(None)


def _descend(
    load: Callable[[str, torch.device], Backbone],
    settings: Settings,
    device: torch.device,
    originals: Originals,
    snapshots: Snapshots,
    checkpoint: Checkpoint | None,
    saved: Any,
) -> tuple[engine.Result, list[engine.Evaluation]]:
    """From the start, or from a saved state, to the end."""
    backbone = load(settings.precision, device)
    rows = resume.rows_of(saved) if saved is not None else []
    if saved is not None:
        snapshots.restore(saved["frames"])
        checkpoint.say(f"going on after evaluation {len(rows)} of {settings.evaluations}")
    progress = Progress(settings.evaluations, rows)

    def seen(row: engine.Evaluation, image: torch.Tensor) -> None:
        progress(row)
        snapshots(row, image)

    def stepped(state: dict) -> None:
        rows, frames = len(progress.rows), len(snapshots.frames)
        if checkpoint:
            checkpoint.offer(
                lambda: {
                    "engine": state,
                    "rows": [astuple(row) for row in progress.rows[:rows]],
                    "frames": snapshots.state(frames),
                }
            )

    try:
        stages = originals.stages(settings, device)
        begun = saved["engine"] if saved is not None else None
        result = engine.transfer(backbone, settings, stages, seen, stepped, begun)
        if saved is not None:
            resume.refuse_odd(result, progress.rows, stages)
    finally:
        progress.close()
    return result, progress.rows


def _final_losses(
    load: Callable[[str, torch.device], Backbone],
    settings: Settings,
    device: torch.device,
    originals: Originals,
    picture: Image.Image,
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Losses of the saved 8-bit picture in fp32, so that cells of any precision compare."""
    torch.backends.cudnn.conv.fp32_precision = "ieee"
    give_back()  # else the peak of a small picture is here, where float32 meets what bf16 has left
    content = originals.content_at(settings.size).to(device)
    style = originals.style_at(settings, settings.size).to(device)
    with torch.no_grad():
        objective = Objective(load("fp32", device), settings, content, style)
        losses = objective(images.to_tensor(picture).to(device))
    summary = {name: float(getattr(losses, name)) for name in ("total", "content", "style", "tv")}
    if not all(map(math.isfinite, summary.values())):
        raise NstError(
            "the final losses are not finite numbers: choose smaller weights, or check the weights file"
        )
    terms = {
        kind: {layer: float(term) for layer, term in table.items()}
        for kind, table in losses.terms.items()
    }
    return summary, terms


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("nst-grid", "torch", "pillow")},
    }


def _write(
    job: Job,
    record: Record,
    rows: list[engine.Evaluation],
    picture: Image.Image,
    snapshots: Snapshots,
) -> None:
    losses = ((r.number, r.total, r.content, r.style, r.tv, r.seconds) for r in rows)
    files = {  # the picture last: it says that all is there
        job.trace: trace_bytes(losses),
        job.record: record_bytes(record),
        job.film: snapshots.film(picture) if job.film else b"",
        job.picture: images.png_bytes(picture),
    }
    write_together({path: data for path, data in files.items() if path})
