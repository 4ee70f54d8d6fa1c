"""What an image was made with, in words: its style pictures, and controls that are not as usual."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nst.config.blend import shares
from nst.config.grid import Cell
from nst.config.setting_sets import ACTS_WITH, IDLE_WITH
from nst.config.settings import FIELDS, KINDS, Settings

Row = tuple[str, tuple[str, ...]]  # a name, and lines

# Controls whose values say little by themselves: words for these, or a sentence for any value.
WORDS: dict[str, Mapping[str, str] | str] = {
    "colour": {
        "keep": "the content's colours are kept",
        "match": "the style was given the content's colours first",
        "match-style": "the content was given the style's colours first",
        "luminance": "the style acts on light and dark alone, the colours are the content's",
        "palette": "the content's colours, in the palette of the style",
    },
    "colour_map": "{}",
    "style_loss": {"covariance": "covariances in the place of Gram matrices"},
    "edges_weight": "{}, so that edges of the content stay",
    "edges_pool": "between squares of {} pixels",
    "init_mix": "{percent} of the start are what `init` says, the rest is the content",
    "padding": {"circular": "seamless: opposite edges fit together"},
}
# Settings of the recipe: these values only are told of.
SPECIAL = {"style_loss": ("covariance",), "padding": ("circular",)}


def made_with(cell: Cell) -> list[Row]:
    """What an image was made with beside one content and one style; nothing for a plain image."""
    return [
        *_style_rows(cell),
        *((_words(name), (text,)) for name, text in _controls(cell)),
    ]


def _style_rows(cell: Cell) -> Iterator[Row]:
    names = _names(cell.style_pictures)
    if len(names) > 1:
        by_layer = shares(cell.settings.blend, _counted_layers(cell), len(names))
        lines = (f"{name}: {_share_text(by_layer, n)}" for n, name in enumerate(names))
        yield "style pictures", tuple(lines)


def _names(paths: Sequence[Path]) -> list[str]:
    """The names of files, with their folders where names alone are not enough."""
    names = [path.name for path in paths]
    return [
        name if names.count(name) == 1 else f"{path.parent.name}/{name}"
        for path, name in zip(paths, names, strict=True)
    ]


def _counted_layers(cell: Cell) -> list[str]:
    layers = cell.settings.style_layers
    return [name for name, weight in layers.items() if weight] or list(layers)


def _share_text(by_layer: Mapping[str, Sequence[float]], number: int) -> str:
    """The share of one picture, with the layers at which it has it if it is not alike at all."""
    layers: dict[str, list[str]] = {}
    for layer, some in by_layer.items():
        layers.setdefault(percent(some[number]), []).append(layer)
    if len(layers) == 1:
        return next(iter(layers))
    parts = [(share, names) for share, names in layers.items() if share != percent(0)]
    return "; ".join(f"{share} at {', '.join(names)}" for share, names in parts)


def percent(share: float) -> str:
    """A share as a person reads it: `25 %`, `0.4 %`."""
    text = f"{100 * share:.0f}" if share >= 0.01 or not share else f"{100 * share:.1g}"
    return f"{text} %"


def _controls(cell: Cell) -> Iterator[tuple[str, str]]:
    """The controls that differ from their defaults and act, with their values in words."""
    settings = cell.settings
    for name, words in WORDS.items():
        if not _is_told(name, settings):
            continue
        value = getattr(settings, name)
        text = KINDS[name].text(value)
        if isinstance(words, str):
            share = percent(value) if isinstance(value, float) else ""
            yield name, words.format(text, percent=share)
        else:
            yield name, words.get(text, text)


def _is_told(name: str, settings: Settings) -> bool:
    value = getattr(settings, name)
    if name in SPECIAL:
        return value in SPECIAL[name]
    return value != FIELDS[name].default and _acts(name, settings)


def _acts(name: str, settings: Settings) -> bool:
    other, needed = ACTS_WITH.get(name, ("", ()))
    unless, idle = IDLE_WITH.get(name, ("", None))
    return not (other and getattr(settings, other) not in needed) and not (
        unless and getattr(settings, unless) == idle
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
