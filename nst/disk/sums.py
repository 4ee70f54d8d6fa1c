"""The SHA-256 of input files, known by stamp: a file that is as it was is not read again."""

import hashlib
import json
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from nst.disk import run_inputs
from nst.disk.files import write_whole
from nst.disk.formats import decoder
from nst.errors import NstError

KNOWN = Path(".snakemake/nst/pictures.json")

AS_MASK = ", a mask white by "

Entry = list[int | str]  # the stamp, the sum, and what has decoded the picture


class Sums:
    """The sums of files as they are now, each looked at once in the life of this object.

    Within a run, the sums of the copies that the run keeps.
    """

    def __init__(self) -> None:
        self._seen: dict[Path, str] = {}
        self._new = False

    @cached_property
    def _known(self) -> dict[str, Entry]:
        return _known()

    def of(self, path: Path) -> str:
        """The sum of a file, "" for one that cannot be read."""
        if path not in self._seen:
            self._seen[path] = run_inputs.sum_of(path) or self._sum(path)
        return self._seen[path]

    def is_decoded(self, path: Path) -> bool:
        """Whether a picture was decoded as it is now."""
        return self._decoded_by(path) == decoder() or self.white_share(path) is not None

    def white_share(self, path: Path) -> float | None:
        """How much of a mask is white, if it was decoded, as a mask, as it is now."""
        by, _, share = self._decoded_by(path).partition(AS_MASK)
        with suppress(ValueError):
            return float(share) if by == decoder() else None
        return None

    def note_decoded(self, path: Path, white_share: float | None = None) -> None:
        """Note that a picture was decoded as it is now, and how much of it is white, of a mask."""
        if self.of(path) and (entry := self._known.get(str(path))):
            as_mask = "" if white_share is None else f"{AS_MASK}{white_share!r}"
            entry[-1], self._new = decoder() + as_mask, True

    def _decoded_by(self, path: Path) -> str:
        entry = self._known.get(str(path))
        return str(entry[-1]) if entry and entry[:-2] == _stamp(path) else ""

    def save(self) -> None:
        """Keep what was learned for later processes, where Snakemake has a folder of its own."""
        if self._new and KNOWN.parent.parent.is_dir():
            with suppress(NstError):  # a folder that cannot be written: all is read again
                write_whole(KNOWN, json.dumps(self._known).encode(), durable=False)
            self._new = False

    def _sum(self, path: Path) -> str:
        stamp = _stamp(path)
        entry = self._known.get(str(path))
        if entry and entry[:-2] == stamp:
            return str(entry[-2])
        try:
            if not path.is_file():  # a pipe without a writer would never end
                return ""
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return ""
        # The stamp of before: a file that was replaced meanwhile is read again.
        self._known[str(path)], self._new = [*stamp, digest, ""], True
        return digest


def _stamp(path: Path) -> Entry:
    """What changes when a file is replaced, were it by one of the same size and date."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _known() -> dict[str, Entry]:
    try:
        known = json.loads(KNOWN.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {name: entry for name, entry in known.items() if _is_entry(entry)}


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 6 and isinstance(entry[4], str)
