"""Expands a config into cells: contents x styles x axes, each cell with its complete settings.

Every mistake is refused here, before any job: all of them at once, each with its line.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from nst.config.axis_faults import refuse_axes_of_opaque, refuse_idle_axes
from nst.config.cell import PRINTS, STARTS, Cell, variant_name
from nst.config.checked_config import Config
from nst.config.exclude import Exclusions
from nst.config.external import External, externals_of
from nst.config.guided import missing_regions, with_used_regions
from nst.config.misfits import mask_misfits, misfits
from nst.config.page_texts import PageTexts, page_texts
from nst.config.prints import SETTINGS_KEY, prints_of
from nst.config.recipes import DECISIVE
from nst.config.resolver import Resolver, Source
from nst.config.settings import KINDS
from nst.config.shared_start import with_shared_starts
from nst.config.user_config import load, refuse_unknown_cells
from nst.config.yaml_lines import Key

MOST_CELLS = 100_000
# Characters of a variant. The file name of a sheet (255 at most) also has a content and a page number.
LONGEST_NAME = 150
NOUNS = {PRINTS: "print", STARTS: "shared start"}


@dataclass(frozen=True)
class Grid:
    """All cells of a config but those of `exclude`, in the order of the config."""

    config: Config
    cells: tuple[Cell, ...]
    excluded: int = 0  # cells
    prints: tuple[Cell, ...] = ()
    texts: PageTexts = field(default_factory=PageTexts)  # on the page
    externals: tuple[External, ...] = ()  # pair by pair, as the cells

    @cached_property
    def of_prints(self) -> "Grid":
        """The prints in the place of the cells: what a run of `snakemake prints` makes."""
        return Grid(self.config, self.prints)

    @cached_property
    def of_starts(self) -> "Grid":
        """The shared starts of the cells in the place of the cells."""
        shared = filter(None, (cell.shared_start for cell in self.cells))
        return Grid(self.config, tuple({start.id: start for start in shared}.values()))

    @property
    def noun(self) -> str:
        """What a person calls one of the cells: an image, a print, or a shared start."""
        return NOUNS.get(self.cells[0].folder, "image") if self.cells else "image"

    @property
    def axes(self) -> dict[str, list[Any]]:
        """The values of each axis."""
        return self.config.axes

    @property
    def snapshot_every(self) -> int:
        """The setting, which is the same for all cells: all of them have films, or none."""
        return self.cells[0].settings.snapshot_every if self.cells else 0

    @property
    def format(self) -> str:
        """The setting, which is the same for all cells, and for all prints."""
        return self.cells[0].settings.format if self.cells else "png"

    @property
    def dpi(self) -> float:
        """The setting, which is the same for all cells, and for all prints."""
        return self.cells[0].settings.dpi if self.cells else 300.0

    @cached_property
    def by_id(self) -> dict[str, Cell]:
        """The cells by their ids."""
        return {cell.id: cell for cell in self.cells}

    @cached_property
    def shown(self) -> dict[str, Cell | External]:
        """All that has a place on sheets and page, by the ids: the cells and the external pictures."""
        return {**self.by_id, **{one.id: one for one in self.externals}}

    @cached_property
    def external_names(self) -> list[str]:
        """The names of `external`."""
        return list(dict.fromkeys(one.name for one in self.externals))

    @cached_property
    def measured(self) -> dict[tuple[str, str], list[Cell | External]]:
        """What is measured, by content and style; nothing if the config turns metrics off."""
        pairs: dict[tuple[str, str], list[Cell | External]] = {}
        for one in (*self.cells, *self.externals) if self.config.metrics else ():
            pairs.setdefault((one.content, one.style), []).append(one)
        return pairs

    def key_of(self, cell: Cell, setting: str) -> Key:
        """The key of the config that gives a cell a setting; one under `settings` if none does."""
        layers = _layers(self.config, cell.content, cell.style, cell.variant, cell.axes)
        if cell.folder == PRINTS:
            prints = self.config.data.get("prints") or {}
            layers.append((SETTINGS_KEY, prints.get("settings") or {}))
        named = ((*key, setting) for key, layer in reversed(layers) if setting in layer)
        key = next(named, ("settings", setting))
        return self.config.entry_keys.get(key, key)

    @cached_property
    def variants(self) -> list[str]:
        """The variants that have a cell, in the order of the config."""
        used = {cell.variant for cell in self.cells}
        return [name for name in map(variant_name, self.combinations()) if name in used]

    def combinations(self) -> Iterator[dict[str, Any]]:
        """All combinations of the axes, also of cells that are left out, in the order of the config."""
        return _combinations(self.axes)

    @property
    def pairs(self) -> dict[tuple[str, str], Cell]:
        """The pairs of content and style that have a cell, each with its first."""
        pairs: dict[tuple[str, str], Cell] = {}
        for cell in self.cells:
            pairs.setdefault((cell.content, cell.style), cell)
        return pairs


def expand(files: Sequence[Path | str], overlay: Mapping[str, Any] | None = None) -> Grid:
    """The grid of config files, the last one on top, and of `overlay`, Snakemake's `--config`.

    Raises NstError with all mistakes, one line each: file and line, key, value, what is allowed.
    """
    config = load(files, overlay)
    texts = page_texts(config)
    count = math.prod(map(len, (config.content, config.style, *config.axes.values())))
    cells, excluded, prints, variants = (), 0, (), {}
    if count > MOST_CELLS:
        config.fault(("grid",), f"makes {count} cells; the most is {MOST_CELLS}")
    else:
        resolver, variants = Resolver(config), _variants(config)
        names = config.content, config.style, variants
        exclusions = Exclusions(config, list(variants))
        cells = tuple(_cells(config, resolver, variants, exclusions))
        cells = with_shared_starts(config, cells)
        excluded = count - len(cells)
        if excluded:
            _drop_unused(config, cells)
        if not cells and not config.faults:
            config.fault(("exclude",), "leaves out all images")
        prints = _prints(config, cells, resolver, names, exclusions)
    refuse_idle_axes(config, cells)
    refuse_axes_of_opaque(config, cells)
    grid = Grid(config, cells, excluded, prints, texts)
    grid = replace(grid, externals=externals_of(config, grid.pairs, variants, MOST_CELLS))
    config.refuse()
    return grid


def _drop_unused(config: Config, cells: tuple[Cell, ...]) -> None:
    """Drop the pictures of which all images are left out: they have no row, and may be damaged."""
    contents, styles = {cell.content for cell in cells}, {cell.style for cell in cells}
    config.content = {name: path for name, path in config.content.items() if name in contents}
    config.style = {name: path for name, path in config.style.items() if name in styles}


def axes_text(axes: Mapping[str, Any]) -> str:
    """A combination of axes for people to read: `style weight 1e5 · size 256`."""
    return " · ".join(f"{name.replace('_', ' ')} {KINDS[name].text(v)}" for name, v in axes.items())


def _cells(
    config: Config,
    resolver: Resolver,
    variants: Mapping[str, Mapping[str, Any]],
    exclusions: Exclusions,
) -> Iterator[Cell]:
    """All cells. Mistakes in their settings become faults of the config.

    A config without pictures has one cell without names, so that its settings are checked as well.
    """
    unused = dict.fromkeys(config.overrides["cell"])
    contents = config.content or {"": Path()}
    styles = {name: config.style_pictures[name] for name in config.style} or {"": (Path(),)}
    for content, style in product(contents, styles):
        for variant, axes in variants.items():
            for used in _ids(content, style, variant):
                unused.pop(used, None)
            if exclusions.match(content, style, variant):
                continue
            layers = with_used_regions(_layers(config, content, style, variant, axes))
            regions = config.entry_settings["content"].get(content, {}).get("regions", {})
            if fault := missing_regions(layers, content, style, regions):
                config.fault(("style", style, "guide"), fault)
                continue
            settings = resolver(layers)
            pictures = contents[content], styles[style]
            checked = settings or resolver.despite_faults(layers)
            if checked and config.content and config.style:
                checks = misfits if settings and not config.broken & DECISIVE else mask_misfits
                for names, message in checks(config, checked, style, *pictures):
                    if names[0] == "blend":
                        resolver.fault_of_blend(layers, names, checked, style, len(styles[style]))
                    else:
                        resolver.fault(layers, names, message)
            if settings:
                labels = config.label("content", content), config.label("style", style)
                weights = config.weights.get(settings.backbone)
                yield Cell(content, style, variant, axes, *pictures, settings, weights, labels)
    resolver.fault_blends()
    if config.content and config.style:
        refuse_unknown_cells(config, list(unused), list(variants))


def _layers(
    config: Config, content: str, style: str, variant: str, axes: Mapping[str, Any]
) -> list[Source]:
    """Where the settings of a cell come from, the last one on top."""
    overrides = config.overrides
    return [
        (("settings",), config.settings),
        (("content", content), config.entry_settings["content"].get(content, {})),
        (("style", style), config.entry_settings["style"].get(style, {})),
        (("grid",), axes),
        (("overrides", "content", content), overrides["content"].get(content, {})),
        (("overrides", "style", style), overrides["style"].get(style, {})),
        *(
            (("overrides", "cell", name), overrides["cell"].get(name, {}))
            for name in _ids(content, style, variant)
        ),
    ]


def _ids(content: str, style: str, variant: str) -> tuple[str, str]:
    """The names by which overrides address a cell."""
    return f"{content}/{style}", f"{content}/{style}/{variant}"


def _prints(
    config: Config,
    cells: Sequence[Cell],
    resolver: Resolver,
    names: Sequence[Collection[str]],
    exclusions: Exclusions,
) -> tuple[Cell, ...]:
    """The prints of these cells that the config lists. Mistakes become faults of the config."""

    def layers_of(cell: Cell) -> list[Source]:
        layers = _layers(config, cell.content, cell.style, cell.variant, cell.axes)
        return with_used_regions(layers)

    by_id = {cell.id: cell for cell in cells}
    prints = prints_of(config, by_id, layers_of, resolver, names, exclusions)
    for one in prints:
        for _, message in misfits(
            config, one.settings, one.style, one.content_picture, one.style_pictures
        ):
            config.fault(SETTINGS_KEY, message)
    return prints


def _variants(config: Config) -> dict[str, dict[str, Any]]:
    """The combinations of the axes by name. Names that no file can have become faults."""
    # An axis whose values are all refused must not hide the mistakes of the others.
    axes = {name: values for name, values in config.axes.items() if values}
    variants: dict[str, dict[str, Any]] = {}
    folded = set()
    for combination in _combinations(axes):
        name = variant_name(combination)
        if name.casefold() in folded:
            config.fault(("grid",), f"two combinations have the file name {name}: rename a file")
        folded.add(name.casefold())
        variants[name] = combination
    longest = max(variants, key=len)
    if len(longest) > LONGEST_NAME:
        text = f"makes file names of {len(longest)} characters; the most is {LONGEST_NAME}: {longest}"
        config.fault(("grid",), text)
    return variants


def _combinations(axes: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for values in product(*axes.values()):
        yield dict(zip(axes, values, strict=True))
