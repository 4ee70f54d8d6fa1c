"""One transfer: from files to files, as `nst transfer` and every cell of a grid, or in memory.

A job reads its pictures, checks its weights, takes a device, resumes from its checkpoint or begins,
lets the engine optimize, measures the saved picture, and writes all its files together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from nst.config.settings import Settings
from nst.disk import images, log_end
from nst.disk.deep import Deep
from nst.disk.encoded import DEEP, encoded, kind_of, note_of_record
from nst.disk.files import sweep_beside, write_together
from nst.disk.record import ENGINE, OUTCOMES, Record, record_bytes, trace_bytes
from nst.engine.masks import weighted
from nst.engine.stages import Result, optimize
from nst.transfer.colouring import COLOURED_AFTER
from nst.transfer.device import choose_precision, final_precision, let_go, peak_memory, take_device
from nst.transfer.final_losses import final_losses
from nst.transfer.job import Job
from nst.transfer.needed_memory import advice, choose_tile, oom_as_error
from nst.transfer.originals import Originals, read_originals
from nst.transfer.progress import Progress, Say
from nst.transfer.resume import Session, resume_key, resumed_tile, versions
from nst.transfer.saving import Saver
from nst.transfer.snapshots import Snapshots
from nst.transfer.weights_file import WeightsFile

UNCHANGED = 1.5 / 255  # the most that an image may differ from its start to be called unchanged


def run(job: Job, settings: Settings, say: Say) -> "Made":
    """Make an image, and its record, trace and film as far as the job names them: all or none.

    A job with a checkpoint resumes from it; a stop signal saves it and ends the whole process. Raises
    NstError for whatever the user can mend: pictures, weights, paths, devices, memory.
    """
    job.refuse_bad_paths(settings)
    for path in job.written():
        sweep_beside(path)
    made = make(
        job.inputs,
        job.weights,
        settings,
        say,
        checkpoint=job.checkpoint,
        snapshot_every=settings.snapshot_every if job.film else 0,
        write=lambda made: write_together(_files(job, made)),
    )
    for path in filter(None, (job.picture, job.beside)):
        if note := note_of_record(path, made.record):
            say(note)
    say(log_end.written([path for path in (job.picture, job.beside, job.film) if path]))
    return made


@dataclass(frozen=True)
class Made:
    """What a transfer has made, in memory."""

    picture: Image.Image
    deep: Deep  # the same before it is rounded to 8 bits
    record: Record
    rows: list[tuple[float, ...]]  # of the trace
    film: bytes  # empty unless frames were asked for

    def encoded(self, path: Path) -> bytes:
        """The bytes of the image as a file's name says, with its record inside."""
        return self._encoded(path, self.picture, self.deep)

    def exported(self, path: Path) -> bytes:
        """As `encoded`, but as `nst export` writes it from a file with the other number of bits."""
        if kind_of(path) in DEEP:
            return self._encoded(path, self.picture, Deep.of_8_bits(self.picture))
        return self._encoded(path, self.deep.rounded(), self.deep)

    def _encoded(self, path: Path, picture: Image.Image, deep: Deep) -> bytes:
        return encoded(picture, deep, self.record, kind_of(path), self.record.settings["dpi"])


def make(
    pictures: Mapping[str, Path | Image.Image],
    weights_path: Path | None,
    settings: Settings,
    say: Say,
    *,
    checkpoint: Path | None = None,
    snapshot_every: int = 0,
    write: Callable[[Made], None] | None = None,
    show: Callable[[int, int], Progress] = Progress,
) -> Made:
    """Make an image of pictures that are named as in a record; no stop signal disturbs `write`.

    Raises NstError for whatever the user can mend.
    """
    with oom_as_error(lambda: f"not enough memory to start size {settings.size}: choose a smaller one"):
        originals = read_originals(pictures, settings, say)
        return _make(originals, weights_path, settings, say, checkpoint, snapshot_every, write, show)


def _make(
    originals: Originals,
    weights_path: Path | None,
    settings: Settings,
    say: Say,
    checkpoint: Path | None,
    snapshot_every: int,
    write: Callable[[Made], None] | None,
    show: Callable[[int, int], Progress],
) -> Made:
    weights = WeightsFile.find(weights_path, settings.backbone)
    device, device_name = take_device(settings, say)
    settings = replace(settings, precision=choose_precision(settings, device), device=device.type)

    saved_as = partial(originals.saved, settings=settings)
    snapshots = Snapshots(snapshot_every, settings.evaluations, say, saved_as)
    saver = Saver(checkpoint, resume_key(settings, originals, weights.sha256, snapshots), say)
    saved = saver.load(device)
    shapes = originals.shapes(settings)
    tile = resumed_tile(saved, settings, choose_tile(settings, *shapes, device), say)
    settings = replace(settings, tile=tile)
    if isinstance(tile, int):
        say(f"processing the pictures in tiles of {tile} pixels")

    session = Session(settings, snapshots, saver, show)
    with saver.saving_when_stopped(), oom_as_error(partial(advice, settings, *shapes, device)):
        result = _optimize(session, saved, weights, originals, device)
        finished = originals.finished(result.image, settings)
        picture = originals.masks.with_alpha(images.to_picture(finished))
        uncoloured = images.to_picture(result.image) if settings.colour in COLOURED_AFTER else None
        losses, terms = final_losses(picture, uncoloured, originals, weights, settings, device)
        _say_end(result, losses, settings, say)
        record = Record(
            outcome=result.outcome,
            evaluations=result.evaluations,
            seconds=round(result.seconds, 3),
            losses=losses,
            terms=terms,
            settings=settings.as_json(),
            engine=ENGINE,
            inputs=originals.inputs(),
            weights={"backbone": settings.backbone, "sha256": weights.sha256},
            versions=versions(),
            device=device_name,
            peak_memory_mb=round(peak_memory(device), 1),
            threads=torch.get_num_threads(),
        )
        let_go(device)
        rows = [(r.number, r.total, r.content, r.style, r.tv, r.seconds) for r in session.rows]
        made = Made(
            picture,
            images.to_deep(finished),
            record,
            rows,
            snapshots.film(picture) if snapshot_every else b"",
        )
        if write:
            with saver.finishing():
                write(made)
    return made


def _optimize(
    session: Session, saved: Any, weights: WeightsFile, originals: Originals, device: torch.device
) -> Result:
    """Optimize, from a saved state if there is one; network and pictures are freed with this call."""
    settings = session.settings
    backbone = weights.load(settings, settings.precision, device)
    stages = originals.stages(settings, device)
    result = session.resume_or_begin(
        saved,
        stages,
        lambda state: optimize(
            backbone,
            settings,
            stages,
            session.on_evaluation,
            session.on_step,
            state,
            session.saver.say,
        ),
    )
    change = weighted(result.image - stages[-1].start.clamp(0, 1), stages[-1].mask)
    if change.abs().max() <= UNCHANGED:
        session.saver.say(
            "note: nothing changed: the image equals its start, as no evaluation found a visibly better"
            " one: give it more evaluations, or another style_weight"
        )
    return result


def _say_end(result: Result, losses: dict[str, float], settings: Settings, say: Say) -> None:
    values = "  ".join(f"{name} {value:.5g}" for name, value in losses.items())
    say(f"final losses (8-bit picture, {final_precision(settings)}): {values}")
    if result.outcome != "completed":
        say(f"outcome: {result.outcome}: {OUTCOMES[result.outcome]}")


def _files(job: Job, made: Made) -> dict[Path, bytes]:
    """The bytes of every output; the image last, since it says that all are there."""
    digits = 16 if made.record.settings["precision"] == "fp64" else 6
    files = {
        job.trace: trace_bytes(made.rows, digits),
        job.record: record_bytes(made.record),
        job.film: made.film,
        job.beside: made.encoded(job.beside) if job.beside else b"",
        job.picture: made.encoded(job.picture),
    }
    return {path: data for path, data in files.items() if path}
