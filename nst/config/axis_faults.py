"""Axes and overrides that are refused: those without effect, and those that hold for a whole grid."""

from nst.config.cell import Cell
from nst.config.checked_config import Config
from nst.config.resolver import Source
from nst.config.setting_sets import ACTS_WITH, IDLE_WITH, OF_FILES
from nst.config.settings import KINDS


def refuse_idle_axes(config: Config, cells: tuple[Cell, ...]) -> None:
    """Note axes that change nothing in some cells: the same image would have several names."""
    for axis, values in config.axes.items():
        other, needed = ACTS_WITH.get(axis, ("", ()))
        unless, idle = IDLE_WITH.get(axis, ("", ()))
        if len(values) < 2 or config.broken & {other, unless, "recipe"}:
            continue
        text = ""
        if other and any(getattr(cell.settings, other) not in needed for cell in cells):
            text = f"acts only with {other} {' or '.join(map(str, needed))}"
        for value in idle:
            if any(getattr(cell.settings, unless) == value for cell in cells):
                text = f"does not act with {unless} {KINDS[unless].text(value)}"
        if text:
            config.fault(("grid", axis), f"{text}: all images of this axis would be the same")


def refuse_partial_files(config: Config) -> None:
    """Note films or formats of some cells only: the workflow's rule makes all of them or none."""
    sources: list[Source] = [(("grid",), config.axes)]
    for kind, table in config.overrides.items():
        sources += [(("overrides", kind, name), settings) for name, settings in table.items()]
    for key, settings in sources:
        for name in OF_FILES:
            if name in settings:
                config.fault((*key, name), "is one value for the whole grid: put it under `settings`")
