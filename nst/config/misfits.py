"""Pictures, masks and guides that do not suit the settings, from the headers of the files."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nst.config.checked_config import Config
from nst.config.inputs import inputs_of
from nst.config.settings import Settings
from nst.disk.input_names import is_mask, masked_by, region_of
from nst.disk.masks import shape_fault
from nst.errors import NstError
from nst.text import counted

SizeOf = Callable[[Path], tuple[int, int]]  # width and height of a picture as it is seen


def misfits(
    config: Config, settings: Settings, style_name: str, content: Path, styles: Sequence[Path]
) -> Iterator[tuple[list[str], str]]:
    """Pictures that do not suit the settings: those that may be to blame, and a message.

    A blend of another number of pictures, masks of another shape, and pictures that are too small for
    the deepest layer.
    """
    counts = list(_count_misfits(settings, style_name, styles))
    yield from counts or _mask_faults(settings, content, styles, config.upright_size)
    if counts:
        return
    least = settings.least_side
    shares = zip(settings.style_shares(len(styles)), styles, strict=True)
    style_side = round(settings.size * settings.style_scale)
    for picture, longer, names in (
        (content, settings.size, ["size", "backbone", "recipe"]),
        *((style, style_side, ["style_scale", "size", "recipe"]) for share, style in shares if share),
    ):
        width, height = config.sizes.get(picture, (1, 1))
        shorter = max(1, round(longer * min(width, height) / max(width, height)))
        if shorter < least and names[0] not in config.broken:
            yield (
                names,
                f"{picture} would be {longer} x {shorter} pixels, too small for these layers of"
                f" {settings.backbone}: the shorter side must have at least {least}",
            )


def mask_misfits(
    config: Config, settings: Settings, style_name: str, content: Path, styles: Sequence[Path]
) -> Iterator[tuple[list[str], str]]:
    """Those of `misfits` that depend on masks and guides alone, whatever is wrong with the others."""
    counts = [fault for fault in _count_misfits(settings, style_name, styles) if fault[0][0] != "blend"]
    yield from counts or _mask_faults(settings, content, styles, config.upright_size)


def _count_misfits(
    settings: Settings, style_name: str, styles: Sequence[Path]
) -> Iterator[tuple[list[str], str]]:
    """`count_faults` with the settings that may be to blame, but for a style without known pictures."""
    others = {"blend": ["style_layers"]}
    known = Path() not in styles
    for name, fault in count_faults(settings, len(styles), f"the style {style_name}") if known else ():
        yield [name, *others.get(name, []), "recipe"], fault


def _mask_faults(
    settings: Settings, content: Path, styles: Sequence[Path], size_of: SizeOf
) -> Iterator[tuple[list[str], str]]:
    """What is wrong with the masks of an image: the settings that may be to blame, and a message."""
    inputs = inputs_of(settings, content, styles)
    for name, mask in inputs.items():
        if not is_mask(name):
            continue
        picture = inputs[masked_by(name)]
        try:
            fault = shape_fault(mask, size_of(mask), picture, size_of(picture))
        except NstError:  # a bad picture is refused where it is named
            continue
        if fault:
            yield [setting_of_mask(name), "recipe"], fault


def setting_of_mask(name: str) -> str:
    """The setting that names a mask, by the name of the mask."""
    if region_of(name):
        return "regions"
    return "mask" if name == "mask" else "style_mask"


def count_faults(
    settings: Settings, pictures: int, style: str = "a style"
) -> Iterator[tuple[str, str]]:
    """Settings that do not suit a style of so many pictures, each with a message."""
    masks, guide = settings.style_mask, settings.guide
    if fault := settings.blend_fault(pictures, style):
        yield "blend", fault
    if settings.picture("style_mask") and pictures != 1:
        yield (
            "style_mask",
            f"{masks} is the mask of one picture, and the style has {counted(pictures, 'picture')}:"
            " choose alpha, none, or one for each picture",
        )
    if isinstance(masks, list) and len(masks) != pictures:
        yield (
            "style_mask",
            f"has {counted(len(masks), 'mask')}, and the style {counted(pictures, 'picture')}: give one"
            " for each picture, or none",
        )
    if guide and len(guide) != pictures:
        yield (
            "guide",
            f"has {counted(len(guide), 'region')}, and the style {counted(pictures, 'picture')}: give"
            " one region for each picture, in their order",
        )
