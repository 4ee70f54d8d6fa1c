"""config.yaml -> cells: contents x styles x axes, each cell with its own complete settings.

Everything is refused here, before any job: all faults of a config at once, each with its line.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from nst.config.pictures import picture_fault
from nst.config.recipes import DECISIVE, clashes, resolve
from nst.config.recipes import load as load_recipe
from nst.config.settings import ACTS_WITH, EXECUTION, FIELDS, KINDS, Settings, flags
from nst.config.user_config import Config, Key, load, refuse_unknown_cells
from nst.errors import NstError

CELLS = Path("results/cells")
MOST_CELLS = 100_000
# Characters of a variant: a sheet's name holds a content's and a page number too, 255 in all.
LONGEST_NAME = 150
Source = tuple[Key, Mapping[str, Any]]  # settings, and where in the config they stand


@dataclass(frozen=True)
class Cell:
    """One image of the grid: where it stands, and all that it needs."""

    content: str
    style: str
    variant: str
    axes: Mapping[str, Any]
    content_picture: Path
    style_picture: Path
    settings: Settings

    @property
    def id(self) -> str:
        """`content/style/variant`: the cell's place below results/cells."""
        return f"{self.content}/{self.style}/{self.variant}"

    def file(self, ending: str) -> Path:
        """The cell's picture (.png), record (.json), trace (.csv) or film (.webp)."""
        return CELLS / f"{self.id}{ending}"

    def given(self) -> dict[str, Any]:
        """The settings that a person would write down for this cell's picture, all but the means.

        Only what differs from the recipe: to write a default out is no change.
        """
        recipe, backbone = self.settings.recipe, self.settings.backbone
        whole = resolve({"recipe": recipe, "backbone": backbone})
        defaults = {
            **whole.as_json(),
            "recipe": FIELDS["recipe"].default,
            "backbone": load_recipe(recipe)["settings"]["backbone"],
        }
        return {
            name: value
            for name, value in self.settings.as_json().items()
            if name not in (*EXECUTION, "snapshot_every") and value != defaults[name]
        }

    def flags(self) -> list[str]:
        """The options of `nst transfer` that make this cell's picture, all but those of the means."""
        return flags(self.given())


@dataclass(frozen=True)
class Grid:
    """All cells of a config, in its order."""

    config: Config
    cells: tuple[Cell, ...]

    @property
    def axes(self) -> dict[str, list[Any]]:
        return self.config.axes

    @property
    def snapshot_every(self) -> int:
        """The setting, which all cells share: with it every cell has a film, without it none."""
        return self.cells[0].settings.snapshot_every

    @cached_property
    def by_id(self) -> dict[str, Cell]:
        return {cell.id: cell for cell in self.cells}

    @cached_property
    def variants(self) -> list[str]:
        """The variants in the config's order."""
        return list(dict.fromkeys(cell.variant for cell in self.cells))


def expand(files: Sequence[Path | str], overlay: Mapping[str, Any] | None = None) -> Grid:
    """The grid of config files (the last on top) and of `overlay`, Snakemake's `--config`.

    Raises NstError with all faults, one line each: the file and line, the key, the value found, what
    is allowed.
    """
    config = load(files, overlay)
    count = math.prod(map(len, (config.content, config.style, *config.axes.values())))
    cells: tuple[Cell, ...] = ()
    if count > MOST_CELLS:
        config.fault(("grid",), f"makes {count} cells; the most is {MOST_CELLS}")
    else:
        cells = tuple(_cells(config))
    _refuse_idle_axes(config, cells)
    _refuse_some_films(config)
    if config.faults:
        raise NstError("\n".join(dict.fromkeys(config.faults)))
    return Grid(config, cells)


def _refuse_idle_axes(config: Config, cells: tuple[Cell, ...]) -> None:
    """An axis that changes nothing in some cell would make the same image under several names."""
    for axis, values in config.axes.items():
        other, needed = ACTS_WITH.get(axis, ("", ()))
        if not other or len(values) < 2 or config.broken & {other, "recipe"}:
            continue
        if any(getattr(cell.settings, other) not in needed for cell in cells):
            text = f"acts only with {other} {' or '.join(map(str, needed))}: all images of this axis"
            config.fault(("grid", axis), f"{text} would be the same")


def _refuse_some_films(config: Config) -> None:
    """The workflow's rule makes films of all cells or of none, so one value holds for all."""
    overrides = config.overrides.items()
    places: list[Source] = [(("grid",), config.axes)]
    places += [(("overrides", kind, name), s) for kind, named in overrides for name, s in named.items()]
    for key, given in places:
        if "snapshot_every" in given:
            config.fault((*key, "snapshot_every"), "is one for the whole grid: put it under `settings`")


def variant_name(axes: Mapping[str, Any]) -> str:
    """`<axis>-<value>` for each axis, joined by `_`; `only` for a grid without axes."""
    parts = (f"{name}-{KINDS[name].spell(value)}" for name, value in axes.items())
    return "_".join(parts) or "only"


def described(axes: Mapping[str, Any]) -> str:
    """`style weight 1e5 · size 256`: a combination of the axes, or some of it, for people to read."""
    return " · ".join(f"{name.replace('_', ' ')} {KINDS[name].text(v)}" for name, v in axes.items())


def _cells(config: Config) -> Iterator[Cell]:
    """All cells; what is wrong with their settings becomes faults of the config.

    A config without pictures has one cell without a name, so that its settings are checked as well.
    """
    resolved = _Resolver(config)
    variants = _variants(config)
    unused = dict.fromkeys(config.overrides["cell"])
    contents, styles = config.content or {"": Path()}, config.style or {"": Path()}
    for content, style in product(contents, styles):
        for variant, axes in variants.items():
            ids = (f"{content}/{style}", f"{content}/{style}/{variant}")
            layers: list[Source] = [
                (("settings",), config.settings),
                (("grid",), axes),
                (("overrides", "content", content), config.overrides["content"].get(content, {})),
                (("overrides", "style", style), config.overrides["style"].get(style, {})),
                *((("overrides", "cell", i), config.overrides["cell"].get(i, {})) for i in ids),
            ]
            for used in ids:
                unused.pop(used, None)
            settings = resolved(layers)
            if settings and config.content and config.style and not config.broken & DECISIVE:
                pictures = contents[content], styles[style]
                for names, message in _too_small(config, settings, *pictures):
                    resolved.fault(layers, names, message)
            if settings:
                yield Cell(content, style, variant, axes, contents[content], styles[style], settings)
    if config.content and config.style:
        refuse_unknown_cells(config, list(unused), list(variants))


def _variants(config: Config) -> dict[str, dict[str, Any]]:
    """The combinations of the axes by their names, which must fit in a file name."""
    # An axis whose values are all refused must not hide what is wrong with the others.
    axes = {name: values for name, values in config.axes.items() if values}
    variants: dict[str, dict[str, Any]] = {}
    taken = set()
    for values in product(*axes.values()):
        combination = dict(zip(axes, values, strict=True))
        name = variant_name(combination)
        if name.casefold() in taken:
            config.fault(("grid",), f"two combinations have the file name {name}: rename a file")
        taken.add(name.casefold())
        variants[name] = combination
    longest = max(variants, key=len)
    if len(longest) > LONGEST_NAME:
        text = f"makes file names of {len(longest)} characters; the most is {LONGEST_NAME}: {longest}"
        config.fault(("grid",), text)
    return variants


def _too_small(
    config: Config, settings: Settings, content: Path, style: Path
) -> Iterator[tuple[list[str], str]]:
    """Pictures whose shorter side, at their size, leaves the deepest layer nothing to see."""
    least = settings.least_side
    for picture, longer, names in (
        (content, settings.size, ["size", "backbone", "recipe"]),
        (style, round(settings.size * settings.style_scale), ["style_scale", "size", "recipe"]),
    ):
        width, height = config.sizes.get(picture, (1, 1))
        shorter = max(1, round(longer * min(width, height) / max(width, height)))
        if shorter < least and names[0] not in config.broken:
            yield (
                names,
                f"{picture} would be {longer} x {shorter} pixels, too small for these layers of"
                f" {settings.backbone}: the shorter side must be {least} at least",
            )


class _Resolver:
    """Given settings -> complete ones, each distinct combination worked out once."""

    def __init__(self, config: Config):
        self.config = config
        self.known: dict[str, tuple[Settings | None, list[tuple[list[str], str]]]] = {}

    def __call__(self, layers: list[Source]) -> Settings | None:
        given: dict[str, Any] = {}
        for _, layer in layers:
            given.update(layer)
        fingerprint = repr(given)
        if fingerprint not in self.known:
            self.known[fingerprint] = self._resolve(given)
        settings, faults = self.known[fingerprint]
        for names, message in faults:
            self.fault(layers, names, message)
        return None if faults else settings

    def _resolve(self, given: dict[str, Any]) -> tuple[Settings | None, list[tuple[list[str], str]]]:
        """The complete settings, and what is wrong with them: who may have set it, and a message."""
        try:
            settings = resolve(given)
        except NstError as error:
            return None, [(["recipe"], line) for line in str(error).splitlines()]
        # A layer may be missing because of the layers, of the backbone or of the recipe.
        faults = [
            ([name, "backbone", "recipe"], text) for name, text in clashes(settings, self.config.broken)
        ]
        if "init" not in given and settings.init_picture():
            reason = picture_fault(settings.init)
            faults += [(["init", "recipe"], reason)] if reason else []
        return settings, faults

    def fault(self, layers: list[Source], names: list[str], message: str) -> None:
        """Note a fault where the first of `names` that the config mentions was last set."""
        for name in names:
            for key, layer in reversed(layers):
                if name in layer:
                    if key == ("grid",):
                        index = self.config.axes[name].index(layer[name])
                        key = self.config.axis_keys[name][index]
                    else:
                        key = (*key, name)
                    self.config.fault(key, message if name == names[0] else f"{names[0]}: {message}")
                    return
        self.config.fault((), f"{names[0]}: {message}")
