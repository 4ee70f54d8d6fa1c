"""The files of one transfer, and what is wrong with them: found before the work, not after it."""

import os
from dataclasses import dataclass
from pathlib import Path

from nst.config.settings import Settings
from nst.errors import NstError


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
    checkpoint: Path | None = None

    def outputs(self) -> list[Path]:
        """The files it writes; the picture, which says that all is done, last."""
        return [path for path in (self.trace, self.record, self.film, self.picture) if path]

    def places(self) -> list[Path]:
        """All that it may write over."""
        return [*self.outputs(), *([self.checkpoint] if self.checkpoint else [])]


def refuse_bad_places(job: Job, settings: Settings) -> None:
    """Raise NstError for results that could not be written, or would be written over what is read."""
    _refuse_other_files(job, settings)
    read = [job.content, job.style, job.weights, Path(settings.init), Path(settings.recipe)]
    try:
        given = {Path(os.path.realpath(path)) for path in read if path}
        places = [path.resolve() for path in job.places()]
        for path in job.places():
            if path.resolve() in given or places.count(path.resolve()) > 1:
                raise NstError(f"{path} would be written over: name another place")
            if path.is_dir():
                raise NstError(f"{path} is a folder: name a file in it")
            if path.exists() and not path.is_file():
                raise NstError(f"cannot write {path}: it is a device or a pipe, name a file")
            parent = next(folder for folder in path.absolute().parents if folder.exists())
            if not parent.is_dir():
                raise NstError(f"cannot write {path}: {parent} is not a folder: choose another place")
            if not os.access(parent, os.W_OK | os.X_OK):
                raise NstError(
                    f"cannot write {path}: {parent} is closed to us, or read-only: choose another place"
                )
    except (OSError, RuntimeError) as error:  # a name too long, a folder closed, a loop of links
        reason = getattr(error, "strerror", None) or error
        raise NstError(
            f"cannot write {job.picture} and what goes with it: {reason}: choose other names"
        ) from None
    if job.checkpoint and job.checkpoint.suffix != ".checkpoint":
        raise NstError(
            f"--checkpoint {job.checkpoint} does not end in .checkpoint: it is written over and removed"
        )


def _refuse_other_files(job: Job, settings: Settings) -> None:
    if job.picture.suffix.lower() != ".png":
        raise NstError(f"--out {job.picture} does not end in .png: the image is written as PNG")
    if job.film and job.film.suffix.lower() != ".webp":
        raise NstError(f"--film {job.film} does not end in .webp: the film is written as WebP")
    if job.film and not settings.snapshot_every:
        raise NstError(
            f"--film {job.film} would have no frames: ask for them with --snapshot-every, for example 5"
        )
