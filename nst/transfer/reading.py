"""One picture as a transfer takes it, with its alpha channel where that acts; and which do not fit."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from nst.config.inputs import style_mask
from nst.config.scales import Size
from nst.config.settings import Settings
from nst.disk import images
from nst.disk.colours import OVER_WHITE, alpha_of
from nst.disk.deep import Deep
from nst.disk.images import Picture
from nst.disk.input_names import is_mask, is_style, masked_by
from nst.disk.masks import as_mask, shape_fault
from nst.disk.transparency import nothing_seen, straight
from nst.errors import NstError

Taken = tuple[Picture, Image.Image | None, list[str]]  # with its alpha channel, and notes

WAYS_OUT = {
    "content": "`alpha: keep` keeps them in the image, `mask: alpha` leaves them as they are",
    "style": "`style_mask: alpha` leaves them out of the style",
}


def read_input(name: str, path: Path, given: bytes | Image.Image, settings: Settings) -> Taken:
    """A picture from the bytes of its file, or in memory; messages call it by the path.

    Raises NstError for one that cannot be used.
    """

    def whole() -> tuple[Picture, list[str]]:
        if isinstance(given, Image.Image):
            return images.converted(given, path)
        return images.read_deep(path, given)

    if not is_mask(name) and not _by_alpha(name, settings):
        picture, notes = whole()
        return picture, None, _with_way_out(name, notes)
    image, notes = (given, []) if isinstance(given, Image.Image) else images.decoded(path, given)
    if is_mask(name):
        mask, more = as_mask(image, path)
        return mask, None, [*notes, *more]
    picture, alpha, more = _by_its_alpha(name, image, path, settings, whole)
    return picture, alpha, [*notes, *more]


def _by_its_alpha(
    name: str,
    image: Image.Image,
    path: Path,
    settings: Settings,
    whole: Callable[[], tuple[Picture, list[str]]],
) -> Taken:
    """A decoded picture whose alpha channel acts; `whole` is the picture as it is without that."""
    alpha = alpha_of(image)
    is_left = name == "content" and settings.alpha != "keep"  # by `mask: alpha`
    if alpha is not None and not alpha.getextrema()[1]:
        raise nothing_seen(path)
    if alpha is not None and not is_left:
        return straight(image, alpha, path)
    picture, notes = whole()
    if alpha is None and is_style(name):
        notes = [*notes, "it is opaque, so `style_mask: alpha` changes nothing"]
    elif alpha is None and name == "content":
        idle = "`mask: alpha` leaves nothing out" if is_left else "`alpha: keep` changes nothing"
        notes = [*notes, f"it is opaque, so {idle}"]
    return picture, alpha, notes


def _by_alpha(name: str, settings: Settings) -> bool:
    """Whether the alpha channel of a picture acts."""
    if is_style(name):
        return style_mask(settings, name) == "alpha"
    kept = settings.alpha == "keep"
    return (name == "content" and settings.mask == "alpha") or (name in ("content", "start") and kept)


def _with_way_out(name: str, notes: list[str]) -> list[str]:
    way_out = WAYS_OUT.get("style" if is_style(name) else name)
    return [f"{note}: {way_out}" if way_out and note == OVER_WHITE else note for note in notes]


def png_of(picture: Picture, alpha: Image.Image | None) -> bytes:
    """The PNG as which a picture in memory would be saved."""
    picture = picture.rounded() if isinstance(picture, Deep) else picture
    if alpha is not None:
        picture = picture.copy()
        picture.putalpha(alpha)
    return images.png_bytes(picture)


def refuse_shapes(pictures: Mapping[str, Picture], files: Mapping[str, tuple[Path, str]]) -> None:
    """Raise NstError for a mask that has not the shape of its picture."""
    for name in pictures:
        if of := masked_by(name):
            sizes = pictures[name].size, pictures[of].size
            if fault := shape_fault(files[name][0], sizes[0], files[of][0], sizes[1]):
                raise NstError(fault)


def refuse_start(path: Path, size: Size, content: Size, settings: Settings) -> None:
    """Raise NstError for a start that is larger than the image, or not of this content."""
    if max(size) > settings.size:
        raise NstError(
            f"--size {settings.size} is smaller than the {max(size)} pixels of {path}: choose a"
            " larger size, or leave out --start"
        )
    if size != (wanted := images.size_at(content, max(size))):
        raise NstError(
            f"--start {path} is {size[0]} x {size[1]} pixels, an image of this content would be"
            f" {wanted[0]} x {wanted[1]}: name an image that was made of it"
        )
