"""`nst.stylize`: one image, from pictures or paths, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from nst.config.inputs import inputs_of
from nst.config.misfits import count_faults
from nst.config.recipes import requested
from nst.config.settings import Settings
from nst.disk.deep import Deep
from nst.disk.embedded import png_with_record
from nst.disk.encoded import encoded, kind_of
from nst.disk.files import write_together
from nst.disk.input_names import MOST_STYLES, style_name
from nst.disk.record import TRACE_COLUMNS, Record, read_record, record_bytes
from nst.errors import NstError
from nst.notebook.losses import losses_of
from nst.text import shown
from nst.transfer.weights_in_reach import with_weights_in_reach

if TYPE_CHECKING:
    from pandas import DataFrame

Picture = str | Path | Image.Image
IN_MEMORY = "mask in memory.png"  # the setting `mask` of a mask that is no file


@dataclass(frozen=True)
class Result:
    """An image with its losses and all that is known of how it was made."""

    image: Image.Image
    deep: Deep = field(repr=False)  # the same with 16 bits
    made: Record = field(repr=False)
    rows: list[tuple[float, ...]] = field(repr=False)
    notes: list[str]  # what nst transfer would say: conversions of the pictures, final losses

    @property
    def losses(self) -> dict[str, float | None]:
        """The losses of the image, without their weights, and weighted; named as in losses.csv."""
        return losses_of(self.made)

    @property
    def terms(self) -> dict[str, dict[str, float]]:
        """The content and style losses of each layer, without weights."""
        return self.made.terms

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting that the image was made with."""
        return self.made.settings

    @property
    def record(self) -> dict[str, Any]:
        """What a record.json holds: settings, checksums, versions, device, losses."""
        return dict(vars(self.made))

    @cached_property
    def trace(self) -> "DataFrame":
        """The losses of each evaluation, weighted as they were optimized; one row each."""
        import pandas

        return pandas.DataFrame(self.rows, columns=list(TRACE_COLUMNS))

    def save(self, path: str | Path, record: bool = True) -> Path:
        """Write the image, as the path ends: PNG, TIFF, JPEG or WebP; and its record (.json).

        Each holds the record, too. Replaces an image and a record that are there. Raises NstError for
        another ending, for another file in the place of the record, and where nothing can be written.
        """
        from nst.transfer.job import Job

        path = Path(path).expanduser()
        if not path.name:
            raise NstError(
                f"{shown(str(path))} is no file: name one that ends in .png, .tif, .jpg or .webp"
            )
        beside = path.with_suffix(".json") if record else None
        inputs = {name: Path(one["path"]) for name, one in self.made.inputs.items()}
        Job(inputs, path, beside).refuse_bad_paths(Settings(**self.settings))
        if beside and beside.exists():
            read_record(beside, f"it would be replaced: name another path than {path}, or record=False")
        files = {beside: record_bytes(self.made)} if beside else {}
        write_together({**files, path: self._encoded(path)})
        return path

    def _encoded(self, path: Path) -> bytes:
        return encoded(self.image, self.deep, self.made, kind_of(path), self.settings["dpi"])

    def _repr_png_(self) -> bytes:
        return png_with_record(self.image, self.made)


def stylize(
    content: Picture,
    style: Picture | Sequence[Picture],
    *,
    mask: Picture | None = None,
    weights: str | Path | None = None,
    progress: bool = True,
    **settings: Any,
) -> Result:
    """Make an image that has the content of one picture and the style of another, or of several.

    Pictures are paths or PIL images, and so is the mask, grey: white where the content is stylised,
    black where it is left; "alpha" is the content's own transparency. Settings have the names and
    values of config.yaml and default to the recipe's: `nst.stylize("cat.jpg", "strokes.jpg", size=256,
    style_weight=3, recipe="crowson")`. A list of style pictures is blended: `nst.stylize("cat.jpg",
    ["a.jpg", "b.jpg"], blend=[3, 1])`. The image is the one that `nst transfer` makes with the same
    settings. Without `backbone`, vgg19-caffe or vgg16 is taken where the weights of the recipe's cannot
    be fetched.

    Raises NstError for whatever can be mended, and KeyboardInterrupt when it is interrupted.
    """
    pictures = _picture("content", content), _styles(style)
    values = {name: _plain(value) for name, value in settings.items()}
    drawn = {"mask": _picture("mask", mask)} if isinstance(mask, Image.Image) else {}
    if mask is not None:
        values["mask"] = IN_MEMORY if drawn else _plain(mask)
    if values.get("snapshot_every"):
        raise NstError("snapshot_every: films are written by nst transfer and by the workflow")
    if values.get("format", "png") != "png":
        raise NstError("format: the ending of the path says it when the image is saved: x.tif, x.jpg")
    chosen = requested(values)
    if faults := list(count_faults(chosen, len(pictures[1]))):
        raise NstError("\n".join(f"{name}: {fault}" for name, fault in faults))
    if not isinstance(weights, str | Path | None):
        raise NstError(f"weights: {shown(weights)} is no path")
    file = None if weights is None else Path(weights).expanduser()
    instead = None if "backbone" in settings else lambda name: requested(values | {"backbone": name})
    said: list[str] = []
    return with_weights_in_reach(
        lambda used: _stylize(*pictures, drawn, file, used, progress, said),
        chosen,
        instead,
        said.append,
    )


def _stylize(
    content: Path | Image.Image,
    styles: Sequence[Path | Image.Image],
    drawn: Mapping[str, Path | Image.Image],
    weights: Path | None,
    settings: Settings,
    progress: bool,
    said: list[str],
) -> Result:
    from nst.transfer.progress import Progress
    from nst.transfer.run import make  # imports torch

    made = make(
        {**inputs_of(settings, content, styles), **drawn},
        weights,
        settings,
        said.append,
        show=partial(Progress, bar=progress),
    )
    return Result(made.picture, made.deep, made.record, made.rows, said)


def _styles(given: Picture | Sequence[Picture]) -> list[Path | Image.Image]:
    if not isinstance(given, list | tuple):
        return [_picture("style", given)]
    if not 1 <= len(given) <= MOST_STYLES:
        raise NstError(f"style: {len(given)} pictures: give 1 to {MOST_STYLES}")
    return [_picture(style_name(number), one) for number, one in enumerate(given, start=1)]


def _picture(name: str, picture: object) -> Path | Image.Image:
    if isinstance(picture, Image.Image):
        if not all(picture.size):
            raise NstError(f"{name}: the picture has no pixels")
        return picture
    if isinstance(picture, str | Path):
        return Path(picture).expanduser()
    kind = f"{type(picture).__module__}.{type(picture).__name__}"
    raise NstError(f"{name}: a {kind} is no picture: give a path or a PIL image")


def _plain(value: Any) -> Any:
    """A value as config.yaml would have it; paths and numbers of numpy are taken, too."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(one) for one in value]
    is_numpy = type(value).__module__ == "numpy" and getattr(value, "shape", None) == ()
    return value.item() if is_numpy else value
