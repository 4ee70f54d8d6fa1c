"""What a run keeps of images that it replaces, as tests look at it."""

from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """All files of the cells, or of cells that are kept."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".checkpoint"
    }


def kept_files() -> set[str]:
    """The names of all files in results/stale."""
    return {path.name for path in Path("results/stale").rglob("*") if path.is_file()}
