"""The pictures that a transfer reads: one flat table by what each is for, alike in jobs and records."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from nst.config.setting_sets import PICTURES
from nst.config.settings import KINDS, Settings
from nst.disk.input_names import STYLE_MASKS, STYLES, mask_name, region_name, region_of, style_name

Picture = TypeVar("Picture")


def inputs_of(
    settings: Settings, content: Picture, styles: Sequence[Picture], start: Picture | None = None
) -> dict[str, Picture | Path]:
    """The table of a transfer: the pictures that are given, then those that its settings name."""
    inputs: dict[str, Picture | Path] = {"content": content}
    inputs |= {style_name(number): style for number, style in enumerate(styles, start=1)}
    return inputs | named_by_settings(settings) | ({} if start is None else {"start": start})


def named_by_settings(settings: Settings) -> dict[str, Path]:
    """The pictures that settings name by their paths, each by the name of its setting."""
    named = {name: settings.picture(name) for name in PICTURES}
    named |= {region_name(region): Path(settings.regions[region]) for region, _ in settings.guide}
    if isinstance(settings.style_mask, list):
        masks = (
            (mask_name(style_name(n)), mask) for n, mask in enumerate(settings.style_mask, start=1)
        )
        named |= {name: Path(mask) for name, mask in masks if KINDS["style_mask"].is_file(mask)}
    return {name: path for name, path in named.items() if path}


def with_paths(settings: Settings, inputs: Mapping[str, Path]) -> Settings:
    """The settings with these paths in the place of those that they name."""
    paths = {name: str(inputs[name]) for name in named_by_settings(settings) if name in inputs}
    regions = {
        **settings.regions,
        **{r: path for name, path in paths.items() if (r := region_of(name))},
    }
    changed: dict[str, Any] = {name: path for name, path in paths.items() if name in PICTURES}
    if isinstance(settings.style_mask, list):
        masks = enumerate(settings.style_mask, start=1)
        changed["style_mask"] = [paths.get(mask_name(style_name(n)), mask) for n, mask in masks]
    return replace(settings, regions=regions, **changed)


def without_paths(values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Values of settings, of any origin, with the name of a picture in the place of its path."""
    values = {name: name if name in names else value for name, value in values.items()}
    if isinstance(regions := values.get("regions"), Mapping):
        pairs = ((region, region_name(region), path) for region, path in regions.items())
        values["regions"] = {r: name if name in names else path for r, name, path in pairs}
    if isinstance(masks := values.get("style_mask"), list):
        named = zip(STYLE_MASKS, masks, strict=False)
        values["style_mask"] = [name if name in names else mask for name, mask in named]
    return values


def style_mask(settings: Settings, style: str) -> str:
    """What the setting `style_mask` says of the style picture of this name."""
    masks = settings.style_mask
    if isinstance(masks, str):
        return masks
    return masks[STYLES.index(style)]
