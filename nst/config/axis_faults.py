"""Axes that are refused since some of their values make the same image."""

from pathlib import Path

from nst.config.cell import Cell
from nst.config.checked_config import Config
from nst.config.setting_sets import ACTS_WITH, IDLE_WITH, SAME_IF_OPAQUE
from nst.config.settings import KINDS
from nst.disk.images import header_of
from nst.errors import NstError
from nst.text import be


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


def refuse_axes_of_opaque(config: Config, cells: tuple[Cell, ...]) -> None:
    """Note axes whose values differ in transparent parts only, where a picture has none."""
    for axis, same in SAME_IF_OPAQUE.items():
        if axis not in config.axes or config.broken & {axis, "recipe"}:
            continue
        section = "style" if axis == "style_mask" else "content"
        values: dict[str, set[str]] = {}
        pictures: dict[str, list[Path]] = {}
        for cell in cells:
            if (value := getattr(cell.settings, axis)) in same:
                name = cell.style if section == "style" else cell.content
                values.setdefault(name, set()).add(value)
                pictures[name] = cell.used_styles if section == "style" else [cell.content_picture]
        both = [name for name, seen in values.items() if len(seen) > 1]
        if opaque := [name for name in both if not any(map(_may_be_transparent, pictures[name]))]:
            pair = f"*/{opaque[0]}" if section == "style" else f"{opaque[0]}/*"
            config.fault(
                ("grid", axis),
                f"{' and '.join(same)} make the same image of {', '.join(opaque[:12])}, which"
                f" {be(len(opaque))} opaque: remove one of the two, or exclude"
                f" {pair}/*{axis}-{same[1]}*",
            )


def _may_be_transparent(picture: Path) -> bool:
    """Whether a picture may have transparent parts, from its header; a bad one is refused elsewhere."""
    try:
        return header_of(picture)[1]
    except NstError:
        return True
