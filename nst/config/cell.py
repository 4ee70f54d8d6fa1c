"""`Cell`: one image that a config asks for, of the grid, of its prints or of its shared starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.config.inputs import inputs_of
from nst.config.recipes import load as load_recipe
from nst.config.recipes import resolve
from nst.config.setting_flags import flags
from nst.config.setting_sets import EXECUTION, OF_FILES, OF_STARTS
from nst.config.settings import DEFAULTS, KINDS, Settings
from nst.disk.encoded import beside

CELLS, PRINTS, STARTS = (Path("results") / name for name in ("cells", "prints", "starts"))
CELL_ENDINGS = (".png", ".json", ".csv")  # of the files without which a cell is not whole


@dataclass(frozen=True)
class Cell:
    """One image of the grid: its position, its pictures and its complete settings.

    A print is a cell, too: in another folder, with other settings, most often begun from a `start`.
    So is a start that cells of the grid share.
    """

    content: str
    style: str
    variant: str
    axes: Mapping[str, Any]
    content_picture: Path
    style_pictures: tuple[Path, ...]
    settings: Settings
    own_weights: Path | None = None  # the user's file, where there is one
    labels: tuple[str, str] = ("", "")  # of content and style, where a person reads other names
    folder: Path = CELLS
    start: "Cell | None" = None  # whose image it starts from

    @property
    def style_picture(self) -> Path:
        """The first picture of the style, where one suffices."""
        return self.style_pictures[0]

    @property
    def style_shares(self) -> tuple[float, ...]:
        """The share of each style picture in the style; a share may be 0."""
        return self.settings.style_shares(len(self.style_pictures))

    @property
    def used_styles(self) -> list[Path]:
        """The style pictures that have a share in the style."""
        pairs = zip(self.style_shares, self.style_pictures, strict=True)
        return [picture for share, picture in pairs if share]

    @property
    def inputs(self) -> dict[str, Path]:
        """All pictures that the image is made of, by their names in its record."""
        start = self.start.file(".png") if self.start else None
        return inputs_of(self.settings, self.content_picture, self.style_pictures, start)

    @property
    def given_inputs(self) -> dict[str, Path]:
        """The inputs but a shared start, which the same run may make."""
        left_out = "start" if self.shared_start else None
        return {name: path for name, path in self.inputs.items() if name != left_out}

    @property
    def shared_start(self) -> "Cell | None":
        """The start, if it is one that cells share and no image of the grid."""
        return self.start if self.start and self.start.folder == STARTS else None

    @property
    def path_id(self) -> str:
        """The cell's path below results/, for where its id may be that of a cell of another folder."""
        return f"{self.folder.name}/{self.id}"

    @property
    def content_label(self) -> str:
        """What a person reads as the name of the content."""
        return self.labels[0] or self.content

    @property
    def style_label(self) -> str:
        """What a person reads as the name of the style."""
        return self.labels[1] or self.style

    @property
    def id(self) -> str:
        """`content/style/variant`, which is also the cell's path below its folder."""
        return f"{self.content}/{self.style}/{self.variant}"

    def file(self, ending: str) -> Path:
        """The cell's picture (.png), record (.json) or trace (.csv)."""
        return self.folder / f"{self.id}{ending}"

    @property
    def picture(self) -> Path:
        """The cell's picture, as an `External` has one."""
        return self.file(".png")

    @property
    def film(self) -> Path:
        """The cell's film, named by its interval: other frames are another file."""
        return self.file(f".every-{self.settings.snapshot_every}.webp")

    @property
    def beside(self) -> Path | None:
        """The file in another format, if the config asks for one."""
        return beside(self.picture, self.settings.format)

    def explicit_settings(self) -> dict[str, Any]:
        """The settings of the image that differ from the recipe and from the defaults.

        Without those of the execution and the film, and those that its start leaves without effect,
        unless it is a shared one, which was made with them.
        """
        is_print = self.start and not self.shared_start
        left_out = (*EXECUTION, *OF_FILES, *(OF_STARTS if is_print else ()))
        recipe, backbone = self.settings.recipe, self.settings.backbone
        defaults = {
            **resolve({"recipe": recipe, "backbone": backbone}).as_json(),
            "recipe": DEFAULTS["recipe"],
            "backbone": load_recipe(recipe)["settings"]["backbone"],
        }
        return {
            name: value
            for name, value in self.settings.as_json().items()
            if name not in left_out and value != defaults[name]
        }

    def flags(self) -> list[str]:
        """The options of `nst transfer` that make this image, but those of the execution."""
        return flags(self.explicit_settings())


def variant_name(axes: Mapping[str, Any]) -> str:
    """`<axis>-<value>` for each axis, joined by `_`; `only` for a grid without axes."""
    parts = (f"{name}-{KINDS[name].spell(value)}" for name, value in axes.items())
    return "_".join(parts) or "only"
