"""The paths of one transfer, and why a path is refused before the work rather than after it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nst.config.inputs import named_by_settings
from nst.config.settings import Settings
from nst.disk.encoded import ENDINGS, kind_of, refuse_large
from nst.errors import NstError


@dataclass(frozen=True)
class Job:
    """The paths of one transfer: its inputs, by their names in a record, outputs, checkpoint."""

    inputs: Mapping[str, Path]
    picture: Path
    record: Path | None = None
    trace: Path | None = None
    weights: Path | None = None
    film: Path | None = None
    beside: Path | None = None  # the image in another format
    checkpoint: Path | None = None

    def outputs(self) -> list[Path]:
        """The files that it leaves; the image, which says that all are there, last."""
        return [
            path for path in (self.trace, self.record, self.film, self.beside, self.picture) if path
        ]

    def written(self) -> list[Path]:
        """All files that it may overwrite."""
        return [*self.outputs(), *([self.checkpoint] if self.checkpoint else [])]

    def refuse_bad_paths(self, settings: Settings) -> None:
        """Raise NstError for a file that could not be written, or that would overwrite an input."""
        self._refuse_bad_names(settings)
        inputs = [
            *self.inputs.values(),
            *named_by_settings(settings).values(),  # also where a start leaves one without effect
            self.weights,
            Path(settings.recipe),
        ]
        try:
            read = {Path(os.path.realpath(path)) for path in inputs if path}
            written = [path.resolve() for path in self.written()]
            for path in self.written():
                if path.resolve() in read or written.count(path.resolve()) > 1:
                    raise NstError(f"{path} would be overwritten: name another path")
                _refuse_unwritable(path)
        except (OSError, RuntimeError) as error:  # a long name, a loop of links
            reason = getattr(error, "strerror", None) or error
            raise NstError(
                f"cannot write {self.picture} and the files beside it: {reason}: choose other names"
            ) from None
        if self.checkpoint and self.checkpoint.suffix != ".checkpoint":
            raise NstError(
                f"--checkpoint {self.checkpoint} does not end in .checkpoint: it is overwritten, and"
                " removed at the end"
            )

    def refuse_overwriting(self) -> None:
        """Raise NstError for an output that exists already."""
        for path in self.outputs():
            if path.exists():
                raise NstError(
                    f"{path} exists already: name another file, or leave out --no-overwrite to"
                    " replace it"
                )

    def _refuse_bad_names(self, settings: Settings) -> None:
        if not kind_of(self.picture):
            raise NstError(
                f"--out {self.picture} ends in none of {', '.join(ENDINGS)}: the image is"
                " written as one of them"
            )
        refuse_large(self.picture, settings.size)
        if settings.alpha == "keep" and kind_of(self.picture) == "jpeg":
            raise NstError(
                f"--out {self.picture}: a JPEG has no transparency to keep: name a .png, or leave out"
                " --alpha keep"
            )
        if self.film and self.film.suffix.lower() != ".webp":
            raise NstError(f"--film {self.film} does not end in .webp: the film is written as WebP")
        if self.film and not settings.snapshot_every:
            raise NstError(
                f"--film {self.film} would have no frames: ask for them with --snapshot-every, for"
                " example 5"
            )


def _refuse_unwritable(path: Path) -> None:
    if path.is_dir():
        raise NstError(f"{path} is a folder: name a file in it")
    if path.exists() and not path.is_file():
        raise NstError(f"cannot write {path}: it is a device or a pipe, name a file")
    parent = next(folder for folder in path.absolute().parents if folder.exists())
    if not parent.is_dir():
        raise NstError(f"cannot write {path}: {parent} is not a folder: choose another path")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise NstError(f"cannot write {path}: permission denied for {parent}: choose another path")
