"""The pictures that a transfer reads: one flat table by what each is for, alike in jobs and records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from nst.config.setting_sets import PICTURES
from nst.config.settings import Settings
from nst.disk.input_names import style_name

Picture = TypeVar("Picture")


def inputs_of(
    settings: Settings, content: Picture, styles: Sequence[Picture], start: Picture | None = None
) -> dict[str, Picture | Path]:
    """The table of a transfer: the pictures that are given, then those that its settings name."""
    inputs: dict[str, Picture | Path] = {"content": content}
    inputs |= {style_name(number): style for number, style in enumerate(styles, start=1)}
    named = named_by_settings(settings)
    if start is not None:
        named.pop("init", None)  # which does not act
    return inputs | named | ({} if start is None else {"start": start})


def named_by_settings(settings: Settings) -> dict[str, Path]:
    """The pictures that settings name by their paths, each by the name of its setting."""
    named = {name: settings.picture(name) for name in PICTURES}
    return {name: path for name, path in named.items() if path}


def with_paths(settings: Settings, inputs: Mapping[str, Path]) -> Settings:
    """The settings with these paths in the place of those that they name."""
    names = [name for name in named_by_settings(settings) if name in inputs]
    return replace(settings, **{name: str(inputs[name]) for name in names})
