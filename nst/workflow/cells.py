"""What the rule of a cell is given: its pictures and options, its GPU."""

from collections.abc import Iterable

from nst.config.cell import CELLS, Cell
from nst.config.grid import Grid
from nst.config.settings import KINDS, Settings
from nst.disk.encoded import BESIDE, DEEP
from nst.machine import gpu

_flags: dict[int, tuple[Settings, list[str]]] = {}  # by the id of settings, which many cells share


def pictures(cell: Cell) -> list[str]:
    """The paths of the content and of the style pictures."""
    return list(map(str, (cell.content_picture, *cell.style_pictures)))


def weights_file(cell: Cell) -> str:
    """The weights: the user's own, or those that the workflow fetches."""
    own = cell.own_weights
    return str(own) if own else f"results/weights/{cell.settings.backbone}.safetensors"


def transfer_flags(cell: Cell) -> list[str]:
    """The options of `nst transfer` that make this cell's image, as a person would type them."""
    key = id(cell.settings)
    if key not in _flags:
        _flags[key] = cell.settings, cell.flags()
    return [
        *_flags[key][1],
        *_start_flags(cell),
        *_execution_flags(cell),
        *_film_flags(cell),
        *_format_flags(cell),
    ]


def _start_flags(cell: Cell) -> list[str]:
    """The option that names the image to start from, if there is one."""
    return ["--start", cell.start.file(".png").as_posix()] if cell.start else []


def _execution_flags(cell: Cell) -> list[str]:
    """The options that choose the device and the tile, on which pixels depend by rounding only."""
    settings = cell.settings
    return ["--device", settings.device, "--tile", KINDS["tile"].text(settings.tile)]


def _film_flags(cell: Cell) -> list[str]:
    """The options that make the film, or none for a cell without a film."""
    every = cell.settings.snapshot_every
    return ["--snapshot-every", str(every), "--film", cell.film.as_posix()] if every else []


def _format_flags(cell: Cell) -> list[str]:
    """The options that make a file of 16 bits; those of 8 bits are made of the finished PNG."""
    settings = cell.settings
    if settings.format not in DEEP:
        return []
    return ["--format", settings.format, "--dpi", KINDS["dpi"].text(settings.dpi)]


def deep_pattern(grid: Grid) -> str | list[str]:
    """The file of 16 bits as an output of the rule of cells or prints, if the config asks for one."""
    if grid.format not in DEEP:
        return []
    return f"{grid.cells[0].folder}/{{content}}/{{style}}/{{variant}}{BESIDE[grid.format]}"


def film_pattern(grid: Grid) -> str | list[str]:
    """The film of a cell as an output of its rule, none for a grid without films.

    The file's name holds the interval, so that for other frames an output is missing.
    """
    if not grid.snapshot_every:
        return []
    first = grid.cells[0]
    ending = first.film.name.removeprefix(first.variant)
    return f"{CELLS}/{{content}}/{{style}}/{{variant}}{ending}"


def count_gpus(cells: Iterable[Cell]) -> int:
    """How many GPUs this machine or allocation offers to the cells; 0 if all compute on the CPU."""
    return len(gpu.pool().devices) if any(cell.settings.device != "cpu" for cell in cells) else 0


def gpus_of(cell: Cell, count: int) -> int:
    """How many GPUs a cell holds where there are `count`: `device: cuda` asks for one anyway."""
    device = cell.settings.device
    return 1 if device == "cuda" else int(device == "auto" and count > 0)


def jobs_at_once(grid: Grid, gpus: int, jobs: int, slots: int) -> int:
    """How many of `jobs` jobs share a memory: a GPU's if all compute on GPUs, else this machine's."""
    return slots if gpus and all(gpus_of(cell, gpus) for cell in grid.cells) else jobs
