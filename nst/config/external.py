"""`external`: pictures that other programs made of the same contents and styles, to compare with."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nst.config.cell import Cell
from nst.config.checked_config import Config
from nst.config.entries import name_fault
from nst.config.picture_paths import RESULTS, path_fault
from nst.disk import images
from nst.disk.home import expand_home
from nst.text import nearest, shown

PLACEHOLDERS = ("{content}", "{style}")
FORM = "a path with {content} and {style} in it, such as other/{content}_{style}.png"


@dataclass(frozen=True)
class External:
    """A picture that another program, `name`, made of a content and a style.

    It is shown and measured, and never made, moved or removed. Its file is read only when it is shown.
    """

    content: str
    style: str
    name: str
    picture: Path
    content_picture: Path
    style_pictures: tuple[Path, ...]
    style_shares: tuple[float, ...]  # of these pictures in the style
    content_label: str
    style_label: str

    @property
    def id(self) -> str:
        """`content/style/name`, which no cell has."""
        return f"{self.content}/{self.style}/{self.name}"

    @property
    def made_by(self) -> str:
        """What a person reads of where it is from."""
        return made_by(self.name)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels. Raises NstError if the file is missing or no picture."""
        return images.upright_size(self.picture)

    @cached_property
    def is_measurable(self) -> bool:
        """Whether it can be compared with its content pixel by pixel: they have one shape.

        Raises NstError if one of them is missing or no picture.
        """
        return images.same_shape(self.size, images.upright_size(self.content_picture))


def made_by(name: str) -> str:
    """How sheets and page mark what is not made here."""
    return f"made by {name}"


def externals_of(
    config: Config, pairs: Mapping[tuple[str, str], Cell], variants: Collection[str], most: int
) -> tuple[External, ...]:
    """The external pictures of these pairs, at most so many. Mistakes become faults of the config."""
    key = ("external",)
    section = expand_home(config.data.get("external"))
    patterns = dict(config.entries(key, section, f"a mapping `name: pattern`, {FORM}"))
    # Some file systems do not tell upper from lower case.
    taken = {variant.casefold(): f"the variant {variant}" for variant in variants}
    for name, pattern in patterns.items():
        for fault in filter(None, (name_fault(name), _clash(name, taken), _pattern_fault(pattern))):
            config.fault((*key, name), fault)
        taken.setdefault(name.casefold(), f"the name {name}")
    if len(patterns) * len(pairs) > most:
        config.fault(key, f"names {len(patterns) * len(pairs)} pictures; the most is {most}")
    if config.faults:
        return ()
    return tuple(
        External(
            content,
            style,
            name,
            Path(_filled(pattern, content, style)),
            cell.content_picture,
            cell.style_pictures,
            cell.style_shares,
            cell.content_label,
            cell.style_label,
        )
        for (content, style), cell in pairs.items()
        for name, pattern in patterns.items()
    )


def _clash(name: str, taken: Mapping[str, str]) -> str:
    other = taken.get(name.casefold())
    return f"{shown(name)} is {other} already: choose another name" if other else ""


def _pattern_fault(pattern: Any) -> str:
    """Why a pattern cannot be used, or ""."""
    if not isinstance(pattern, str) or not pattern:
        return f"{shown(pattern)} is not {FORM}"
    found = re.findall(r"\{[^{}]*\}", pattern)
    if unknown := [part for part in found if part not in PLACEHOLDERS]:
        hint = nearest(unknown[0], PLACEHOLDERS)
        return f"{shown(pattern)} has {unknown[0]}, but only {{content}} and {{style}} are known{hint}"
    if missing := [part for part in PLACEHOLDERS if part not in found]:
        return f"{shown(pattern)} has no {' and no '.join(missing)}: write {FORM}"
    if Path(os.path.normpath(Path(pattern).absolute())).is_relative_to(RESULTS.absolute()):
        return f"{shown(pattern)} is in {RESULTS}/, which this workflow makes: copy them elsewhere"
    return path_fault(_filled(pattern, "content", "style"))


def _filled(pattern: str, content: str, style: str) -> str:
    return pattern.replace("{content}", content).replace("{style}", style)
