"""`Settings`: all settings of one transfer. Every default is written once, here or in the recipe.

Fields without a default belong to the recipe (`nst.config.recipes`), which must set every one of them.
The command line, config.yaml and the recipes read names, help texts and bounds from these fields.
"""

from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from nst.config.blend import EQUAL, Blend, BlendKind, count_fault, overall_shares, same_shares
from nst.config.combinations import faults
from nst.config.layers import cut, least_side
from nst.config.recipe_settings import ALL_LAYERS, RECIPES, RecipeSettings, setting
from nst.config.regions import Guide, GuideKind, Regions, RegionsKind
from nst.config.setting_sets import EXECUTION, OF_FILES, PICTURE_ENDINGS
from nst.config.values import Choice, NameOrFile, NamesOrFiles, Number, NumberOr
from nst.config.yaml_lines import unknown
from nst.disk.encoded import BESIDE
from nst.disk.renamed_settings import RENAMED_SETTINGS, renamed_value
from nst.errors import NstError


@dataclass(frozen=True)
class Settings(RecipeSettings):
    """The settings of one transfer, complete and checked."""

    # Of the recipe, too (`NEWER`): one that is left out, in a recipe or a record, has this default.
    balance: str = setting(
        Choice(("none", "pair")),
        "pair: a style loss of 1 is as far from the style as the content is, a content loss of 1 as"
        " far from the content as a flat picture; none: losses as they are",
        default="none",
    )
    moments_weight: float = setting(
        Number(0, 1e15),
        "weight of means and deviations in `style_loss: gram-moments`; Gram matrices have weight 1",
        default=10.0,
    )
    blend: Blend = setting(
        BlendKind(ALL_LAYERS), "weights of the pictures of a style of several", default=EQUAL
    )
    init_mix: float = setting(
        Number(0, 1), "share of `init` in the start; the rest is the content", default=1.0
    )
    edges_weight: float = setting(
        Number(0, 1e15), "weight of edges (the Laplacian) that differ from the content's", default=0.0
    )
    edges_pool: int = setting(
        Number(1, 64, whole=True),
        "side of the squares between which edges are seen, in pixels",
        default=4,
    )
    colour: str = setting(
        Choice(("style", "keep", "match", "match-style", "luminance", "palette")),
        "colours of the image: the style's; keep: the content's, pasted into the finished image; match:"
        " the content's, given to the style before; match-style: the style's, given to the content"
        " before; luminance: the content's, pasted into an image made of light and dark alone; palette:"
        " the style's, spread over the finished image as the content's are",
        default="style",
    )
    colour_map: str = setting(
        Choice(("symmetric", "cholesky", "transport")),
        "how colour match and match-style give a picture the mean and the covariance of other colours",
        default="symmetric",
    )
    mask: str = setting(
        NameOrFile(("none", "alpha"), PICTURE_ENDINGS, "a grey picture"),
        "where the content is stylised: a grey picture of its shape, white there; alpha: its own alpha",
        default="none",
    )
    mask_edge: float = setting(
        Number(0, 1000), "pixels at `size` over which a mask fades inside its white part", default=8.0
    )
    protect: float = setting(
        Number(0, 1), "how much of the content is left where a mask is black", default=1.0
    )
    alpha: str = setting(
        Choice(("white", "keep")), "transparency of the content: over white, or kept", default="white"
    )
    style_mask: str | list[str] = setting(
        NamesOrFiles(NameOrFile(("none", "alpha"), PICTURE_ENDINGS, "a grey picture")),
        "what of the style counts: a grey picture of its shape, white there; alpha: its own alpha;"
        " or one of these for each style picture",
        default="none",
    )
    regions: Regions = setting(
        RegionsKind(PICTURE_ENDINGS),
        "masks of parts of the content that have a style of their own, by name",
        default_factory=dict,
    )
    guide: Guide = setting(
        GuideKind(),
        "for each style picture the region in which it acts and its weight there, as a multiple of"
        " style_weight",
        default_factory=list,
    )
    guide_mode: str = setting(
        Choice(("simple", "inside", "all")),
        "which positions of a layer are of a region: by area, those that see nothing else, or all that"
        " see any of it",
        default="simple",
    )
    guide_grow: int = setting(
        Number(-64, 64, whole=True),
        "positions by which a region grows at every layer; below 0 it shrinks",
        default=0,
    )

    # One run.
    recipe: str = setting(
        NameOrFile(RECIPES, (".yaml", ".yml"), "a recipe file"),
        "named set of all settings that have no default of their own, or a recipe file",
        default="painter",
    )
    size: int = setting(
        Number(16, 16384, whole=True), "longer side of the image, in pixels", default=512
    )
    style_scale: float = setting(
        Number(0.05, 8), "longer side of the style picture, as a multiple of the image's", default=1.0
    )
    seed: int = setting(Number(0, 2**63 - 1, whole=True), "seed of noise", default=0)
    precision: str = setting(
        Choice(("auto", "fp32", "fp32-winograd", "tf32", "bf16", "fp64")),
        "number format; auto: bf16 if the hardware multiplies it, else fp32, on most CPUs with"
        " Winograd's faster convolutions; fp64: everything in float64, to check an image against"
        " another program, four times as slow as fp32",
        default="auto",
    )
    device: str = setting(
        Choice(("auto", "cpu", "cuda")),
        "device to compute on; auto: a free GPU if there is one, else the CPU",
        default="auto",
    )
    snapshot_every: int = setting(
        Number(0, 100_000, whole=True),
        "evaluations between two frames of the film; 0: no film",
        default=0,
    )
    format: str = setting(
        Choice(("png", *BESIDE)),
        "further file of each image: a PNG or TIFF of 16 bits, a JPEG or a WebP; png: none",
        default="png",
    )
    dpi: int = setting(
        Number(1, 9600, whole=True),
        "pixels per inch, noted in all files but the 8-bit PNG",
        default=300,
    )
    tile: int | str = setting(
        NumberOr(("auto", "none"), Number(64, 16384, whole=True)),
        "side of the tiles that are evaluated in turn, in pixels; auto: tiles if memory is short",
        default="auto",
    )

    def as_json(self) -> dict[str, Any]:
        """The settings as plain data, in the order of the fields."""
        # Not `asdict`, which copies every value: a plan of ten thousand cells would take seconds.
        values = {name: getattr(self, name) for name in FIELDS}
        return {name: dict(v) if isinstance(v, dict) else v for name, v in values.items()}

    def pixels(self) -> dict[str, Any]:
        """The settings on which pixels depend: not execution, the recipe's name or further files."""
        left_out = (*EXECUTION, *OF_FILES, "recipe")
        return {k: v for k, v in self.as_json().items() if k not in left_out}

    def layers(self) -> set[str]:
        """The layers that a loss with a non-zero weight reads."""
        weighted = (
            (self.content_layers, self.content_weight),
            (self.style_layers, self.style_weight),
        )
        return {name for table, weight in weighted for name in table if table[name] * weight}

    def style_shares(self, pictures: int) -> tuple[float, ...]:
        """The share that each of so many style pictures has in the style; a share may be 0.

        With a guide it follows the weights of the regions, whatever their areas are.
        """
        weights = [weight for _, weight in self.guide] or self.blend
        return overall_shares(weights, self.style_layers, pictures)

    def blend_fault(self, pictures: int, style: str = "a style") -> str:
        """Why the blend does not suit a style of so many pictures, "" if it does."""
        return count_fault(self.blend, self._weighted_style_layers, pictures, style)

    def same_blend(self, other: object, pictures: int) -> bool:
        """Whether another value of `blend`, of any origin, gives as many pictures the same shares."""
        try:
            blend = parse("blend", other)
        except NstError:
            return False
        return same_shares(self.blend, blend, self._weighted_style_layers, pictures)

    @property
    def _weighted_style_layers(self) -> list[str]:
        return [name for name, weight in self.style_layers.items() if weight]

    @cached_property
    def least_side(self) -> int:
        """The least side, in pixels, of a picture that is large enough for these layers."""
        return least_side(cut(self.backbone, self.layers()))

    def picture(self, name: str) -> Path | None:
        """The picture file that the setting `name` names, if it names one."""
        value = getattr(self, name)
        return Path(value) if KINDS[name].is_file(value) else None

    def faults(self) -> list[tuple[str, str]]:
        """What is wrong with combinations of values: pairs of a setting and a message."""
        return faults(self)


def parse(setting: str, value: object) -> Any:
    """The value of one setting. Raises NstError for a value that it cannot have or no longer has."""
    if new := renamed_value(setting, value):
        raise NstError(f"{value!r} is now called {new}")
    return KINDS[setting].parse(value)


def unknown_setting(name: str, known: Iterable[str]) -> str:
    """Why a name is not one of the settings `known`; the new name of one that was renamed."""
    if name in RENAMED_SETTINGS:
        return f"is now called {RENAMED_SETTINGS[name]}"
    return unknown(name, known)


def flag(setting: str) -> str:
    """The command-line option of a setting."""
    return "--" + setting.replace("_", "-")


FIELDS = {f.name: f for f in fields(Settings)}
DEFAULTS: dict[str, Any] = {  # of the settings that have one of their own
    **{name: f.default for name, f in FIELDS.items() if f.default is not MISSING},
    **{name: f.default_factory() for name, f in FIELDS.items() if f.default_factory is not MISSING},
}
KINDS = {name: f.metadata["kind"] for name, f in FIELDS.items()}  # the kind of each setting's values
