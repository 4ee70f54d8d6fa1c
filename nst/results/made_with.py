"""What an image was made with, in words: its style pictures, and controls that are not as usual."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nst.config.blend import shares
from nst.config.grid import Cell
from nst.config.setting_sets import ACTS_WITH, IDLE_WITH
from nst.config.settings import FIELDS, KINDS, Settings
from nst.config.values import spell_number

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
    "mask": {"alpha": "the transparent parts of the content are left as they are"},
    "mask_edge": "{} pixels wide, inside the white",
    "protect": "{percent} of the content stays where the mask is black",
    "alpha": {"keep": "the transparency of the content is kept"},
    "guide_mode": {
        "inside": "only what sees nothing beyond its region",
        "all": "everything that sees any of its region",
    },
    "guide_grow": "{} positions at each layer",
    "style_loss": {"covariance": "covariances in the place of Gram matrices"},
    "edges_weight": "{}, so that edges of the content stay",
    "edges_pool": "between squares of {} pixels",
    "init_mix": "{percent} of the start is what `init` says, the rest is the content",
    "padding": {"circular": "seamless: opposite edges fit together"},
}
OF_MASK = "{}: white is stylised, black is left as the content"
OF_STYLE_MASKS = {"none": "all of it counts", "alpha": "transparent parts do not count"}
# Settings of the recipe: these values only are told of.
SPECIAL = {"style_loss": ("covariance",), "padding": ("circular",)}


def made_with(cell: Cell) -> list[Row]:
    """What an image was made with beside one content and one style; nothing for a plain image."""
    return [
        *_style_rows(cell),
        *_style_masks(cell),
        *((_words(name), (text,)) for name, text in _controls(cell)),
    ]


def _style_rows(cell: Cell) -> Iterator[Row]:
    names, settings = _names(cell.style_pictures), cell.settings
    if settings.guide:
        yield "regions", tuple(text for _, text in guide_rows(cell))
    elif len(names) > 1:
        by_layer = shares(settings.blend, _counted_layers(cell), len(names))
        lines = (f"{name}: {_share_text(by_layer, n)}" for n, name in enumerate(names))
        yield "style pictures", tuple(lines)


def _style_masks(cell: Cell) -> Iterator[Row]:
    """What of the style pictures counts, where not all of them does."""
    masks = cell.settings.style_mask
    if masks == "none":
        return
    each = masks if isinstance(masks, list) else [masks]
    texts = [OF_STYLE_MASKS.get(mask, f"only what is white in {Path(mask).name}") for mask in each]
    names = [f"{name}: " for name in _names(cell.style_pictures)] if len(each) > 1 else [""]
    yield "style mask", tuple(name + text for name, text in zip(names, texts, strict=True))


def guide_rows(cell: Cell) -> tuple[tuple[str, str], ...]:
    """For every style picture the region in which it acts, and both with the weight in words."""
    names = _names(cell.style_pictures)
    return tuple(
        (region, f"{region}: {name}" + ("" if weight == 1 else f", weight {spell_number(weight)}"))
        for name, (region, weight) in zip(names, cell.settings.guide, strict=True)
        if weight
    )


def mask_words(colour: str, protect: float) -> list[tuple[str, str]]:
    """The legend of a mask; the other colour is that of the image."""
    left = "left as the content" if protect == 1 else f"{percent(protect)} left as the content"
    return [(colour, left), ("", "stylised")]


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
        if name not in FIELDS or not _is_told(name, settings):
            continue
        value = getattr(settings, name)
        text = KINDS[name].text(value)
        if name == "mask" and KINDS[name].is_file(value):
            yield name, OF_MASK.format(Path(value).name)
        elif isinstance(words, str):
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
    unless, idle = IDLE_WITH.get(name, ("", ()))
    return not (other and getattr(settings, other) not in needed) and not (
        unless and getattr(settings, unless) in idle
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
