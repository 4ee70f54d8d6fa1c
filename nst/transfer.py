"""One transfer from files to files: what `nst transfer`, and every cell of the grid, does."""

import platform
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import torch
from PIL import Image

from nst import engine, gpu, images, weights
from nst.backbone import Backbone, best_precision
from nst.errors import NstError
from nst.files import write_whole
from nst.film import Snapshots
from nst.memory import choose_tile, give_back
from nst.objective import Objective
from nst.progress import Progress
from nst.record import ENGINE, OUTCOMES, Record, record_bytes, trace_bytes
from nst.settings import Settings
from nst.stages import Originals, read_originals

# How torch says that memory ran out, on the CPU and in the several layers of CUDA.
OUT_OF_MEMORY = ("out of memory", "allocate", "ALLOC_FAILED")


@dataclass(frozen=True)
class Job:
    """The files of one transfer."""

    content: Path
    style: Path
    picture: Path
    record: Path | None = None
    trace: Path | None = None
    weights: Path | None = None
    film: Path | None = None

    def outputs(self) -> list[Path]:
        """The files it writes; the picture, which says that all is done, last."""
        return [path for path in (self.trace, self.record, self.film, self.picture) if path]


def run(job: Job, settings: Settings, say: Callable[[str], None]) -> None:
    """Make a picture, its record, trace and film, as far as asked for; all of them or none.

    Raises NstError for whatever the user can mend: pictures, weights, places, memory.
    """
    _refuse_bad_places(job, settings)
    try:
        _run(job, settings, say)
    except (MemoryError, RuntimeError) as error:
        words = str(error)
        if isinstance(error, RuntimeError) and not any(word in words for word in OUT_OF_MEMORY):
            raise
        raise NstError(
            f"not enough memory for size {settings.size} (style_scale {settings.style_scale:g}):"
            " choose a smaller size, or smaller tiles: --tile 256"
        ) from None


def _run(job: Job, settings: Settings, say: Callable[[str], None]) -> None:
    originals = read_originals(job.content, job.style, settings, say)
    file = job.weights or weights.fetch(settings.backbone, weights.default_folder())
    # A fetched file has its sum beside it: a damaged one must not make pictures in silence.
    found = weights.check(file, weights.noted(file))
    devices = gpu.Pool(()) if settings.device == "cpu" else gpu.pool()
    assigned = gpu.hold(devices, gpu.slots_per_device(), say)
    device = _device(settings, assigned, say)
    settings = replace(settings, precision=_precision(settings, device), device=device.type)
    width, height = images.resized(originals.content, settings.size).size
    settings = replace(settings, tile=choose_tile(settings, height, width, device))
    if isinstance(settings.tile, int):
        say(f"going through the pictures by tiles of {settings.tile} pixels")
    snapshots = Snapshots(settings.snapshots if job.film else 0, settings.evaluations, say)
    result, rows = _optimise(file, settings, device, originals, snapshots)
    picture = images.to_picture(result.image)
    losses, terms = _final_losses(file, settings, device, originals, picture)
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
        inputs=_inputs(job, settings),
        weights={"backbone": settings.backbone, "sha256": found},
        versions=_versions(),
        device=_device_name(device, assigned),
        peak_memory_mb=round(_peak_memory(device), 1),
        threads=torch.get_num_threads(),
    )
    _write(job, record, rows, picture, snapshots)
    say(f"wrote {' and '.join(str(path) for path in (job.picture, job.film) if path)}")


def _refuse_bad_places(job: Job, settings: Settings) -> None:
    """Find out before the work, not after it, that a result could not be written."""
    _refuse_other_files(job, settings)
    read = [job.content, job.style, job.weights, Path(settings.init), Path(settings.recipe)]
    try:
        given = {path.resolve() for path in read if path}
        places = [path.resolve() for path in job.outputs()]
        for path in job.outputs():
            if path.resolve() in given or places.count(path.resolve()) > 1:
                raise NstError(f"{path} would be written over: name another place")
            if path.is_dir():
                raise NstError(f"{path} is a folder: name a file in it")
            parent = next(folder for folder in path.absolute().parents if folder.exists())
            if not parent.is_dir():
                raise NstError(f"cannot write {path}: {parent} is not a folder")
    except (OSError, RuntimeError) as error:  # a name too long, a folder closed, a loop of links
        reason = getattr(error, "strerror", None) or error
        raise NstError(f"cannot write {job.picture} and what goes with it: {reason}") from None


def _refuse_other_files(job: Job, settings: Settings) -> None:
    if job.picture.suffix.lower() != ".png":
        raise NstError(f"--out {job.picture} does not end in .png: the image is written as PNG")
    if job.film and job.film.suffix.lower() != ".webp":
        raise NstError(f"--film {job.film} does not end in .webp: the film is written as WebP")
    if job.film and not settings.snapshots:
        raise NstError(
            f"--film {job.film} would have no frames: ask for them with --snapshots, for example 5"
        )


def _device(settings: Settings, assigned: str | None, say: Callable[[str], None]) -> torch.device:
    if assigned is not None:
        say(f"GPU {assigned} assigned")
    if assigned is not None and torch.cuda.is_available():
        return torch.device("cuda", 0)  # the only one that is visible
    if settings.device == "cuda":
        raise NstError(
            "device cuda: torch sees no GPU here, or none is named; choose device auto or cpu, or name"
            " the GPU: NST_GPUS=0"
        )
    if assigned is not None:
        say("torch sees no GPU: running on the CPU")
    elif settings.device == "auto" and torch.cuda.is_available():
        say("running on the CPU: torch sees a GPU, nvidia-smi names none; NST_GPUS=0 would name it")
    return torch.device("cpu")


def _precision(settings: Settings, device: torch.device) -> str:
    """The precision to compute in, and torch told of it: only convolutions may use TF32."""
    precision = settings.precision
    if precision == "auto":
        # Without a guard L-BFGS takes the rounding of bf16 for curvature and may leap far away.
        unguarded = settings.optimizer == "lbfgs" and settings.line_search == "none"
        precision = "fp32" if unguarded else best_precision(device)
    if precision == "tf32" and device.type != "cuda":
        raise NstError("precision tf32 needs a GPU; choose auto, fp32 or bf16 on a CPU")
    torch.backends.cudnn.conv.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    torch.backends.cuda.matmul.fp32_precision = "ieee"
    return precision


def _optimise(
    file: Path,
    settings: Settings,
    device: torch.device,
    originals: Originals,
    snapshots: Snapshots,
) -> tuple[engine.Result, list[engine.Evaluation]]:
    backbone = Backbone(settings, file, settings.precision, device)
    progress = Progress(settings.evaluations)

    def seen(row: engine.Evaluation, image: torch.Tensor) -> None:
        progress(row)
        snapshots(row, image)

    try:
        result = engine.transfer(backbone, settings, originals.stages(settings, device), seen)
    finally:
        progress.close()
    return result, progress.rows


def _final_losses(
    file: Path, settings: Settings, device: torch.device, originals: Originals, picture: Image.Image
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Losses of the saved 8-bit picture in fp32, so that cells of any precision compare."""
    torch.backends.cudnn.conv.fp32_precision = "ieee"
    give_back()  # else the peak of a small picture is here, where float32 meets what bf16 has left
    content = originals.content_at(settings.size).to(device)
    style = originals.style_at(settings, settings.size).to(device)
    with torch.no_grad():
        objective = Objective(Backbone(settings, file, "fp32", device), settings, content, style)
        losses = objective(images.to_tensor(picture).to(device))
    summary = {name: float(getattr(losses, name)) for name in ("total", "content", "style", "tv")}
    terms = {
        kind: {layer: float(term) for layer, term in table.items()}
        for kind, table in losses.terms.items()
    }
    return summary, terms


def _inputs(job: Job, settings: Settings) -> dict[str, dict[str, str]]:
    inputs: Mapping[str, Path] = {"content": job.content, "style": job.style}
    if init := settings.init_picture():
        inputs = {**inputs, "init": init}
    return {name: {"path": str(path), "sha256": weights.sha256(path)} for name, path in inputs.items()}


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("nst-grid", "torch", "pillow")},
    }


def _device_name(device: torch.device, assigned: str | None) -> str:
    if device.type == "cpu":
        return "cpu"
    return f"cuda {assigned} {torch.cuda.get_device_name(device)}"


def _peak_memory(device: torch.device) -> float:
    """The most memory held at once, in MB of 2**20 bytes: the device's, or this process's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _write(
    job: Job,
    record: Record,
    rows: list[engine.Evaluation],
    picture: Image.Image,
    snapshots: Snapshots,
) -> None:
    losses = ((r.number, r.total, r.content, r.style, r.tv, r.seconds) for r in rows)
    files = {  # all of them made before the first is written; the picture says that all is there
        job.trace: trace_bytes(losses),
        job.record: record_bytes(record),
        job.film: snapshots.film(picture) if job.film else b"",
        job.picture: images.png_bytes(picture),
    }
    written: list[Path] = []
    try:
        for path, data in files.items():
            if path:
                write_whole(path, data)
                written.append(path)
    except BaseException:  # an interrupt too
        for path in written:
            path.unlink(missing_ok=True)
        raise
