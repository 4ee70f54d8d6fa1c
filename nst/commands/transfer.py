"""Make one image from a content and a style."""

import argparse
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nst.commands.arguments import HelpAll, Parser, with_example
from nst.commands.config_options import add_plan_option
from nst.config.checked_config import named_pictures
from nst.config.inputs import inputs_of
from nst.config.misfits import count_faults
from nst.config.picture_paths import picture_fault
from nst.config.recipes import default_text, requested
from nst.config.setting_sets import OF_STARTS, PICTURES
from nst.config.settings import FIELDS, KINDS, Settings, flag, parse
from nst.config.values import Layers
from nst.disk.encoded import beside, kind_of
from nst.disk.input_names import MOST_STYLES
from nst.disk.log_end import end_early
from nst.errors import NstError
from nst.machine import signals
from nst.machine.free_memory import map_large_blocks
from nst.text import one_line
from nst.workflow.run_plan import use_plan

EXAMPLE = """\
Settings without a default of their own take the recipe's: `nst recipes NAME` prints it.
--help-all lists all settings, also those of losses, optimizer and scales.
examples: nst transfer cat.jpg strokes.jpg --out x.png
          nst transfer cat.jpg strokes.jpg --out x.png --size 256 --style-weight 3"""
USAGE = "nst transfer CONTENT STYLE [STYLE ...] --out X.png [--SETTING VALUE ...] [FILES ...]"
# Every setting is an option of its own name, in one of these groups of the help.
GROUPS = {
    "Common": (
        "size", "style_weight", "evaluations", "recipe", "backbone", "style_scale", "tv_weight",
        "init", "seed", "device",
    ),
    "Controls": (
        "colour", "colour_map", "blend", "regions", "guide", "guide_mode", "guide_grow",
    ),
    "Masks and transparency": ("mask", "mask_edge", "protect", "alpha", "style_mask"),
    "Losses": (
        "content_weight", "content_layers", "content_reduction", "style_layers", "style_loss",
        "moments_weight", "gram", "style_reduction", "style_divisor", "balance", "tv",
        "edges_weight", "edges_pool", "pooling", "padding", "normalization", "feature_scale",
    ),
    "Optimizer": (
        "init_mix", "noise_mean", "noise_std", "parametrization", "optimizer", "learning_rate", "beta1",
        "beta2", "history", "line_search", "result", "average_decay",
    ),
    "Scales": ("scales", "scale_ratio", "scale_least", "first_scale_share", "scale_start", "carry"),
    "Execution": ("precision", "tile"),
    "Files": ("snapshot_every", "format", "dpi"),
}  # fmt: skip
IN_SHORT = ("Common", "Files")  # groups that --help shows; --help-all shows all
FILES = {
    "out": ("X.png", "the image: .png, .tif (16 bits), .jpg or .webp"),
    "start": ("CELL.png", "begin with an image of the same content, smaller or as large"),
    "record": ("X.json", "write how the image was made"),
    "trace": ("X.csv", "write the losses of every evaluation"),
    "film": ("X.webp", "write a film of the run, with --snapshot-every (default: beside --out)"),
    "weights": ("FILE", "any state dict with torchvision's names (default: fetched)"),
    "checkpoint": ("X.checkpoint", "save here when stopped, and resume from here"),
}


def add_arguments(parser: Parser) -> None:
    """Add the options of `nst transfer`: every setting, and the files."""
    parser.usage = USAGE
    parser.add_argument("--help-all", action=HelpAll, help="list all settings and exit")
    parser.in_short = (*IN_SHORT, "positional arguments", "options")
    parser.add_argument("content", type=Path, help="the picture whose shapes are kept")
    parser.add_argument(
        "style",
        type=Path,
        nargs="+",
        help="the picture whose colours and strokes are taken; several are blended",
    )
    for title, settings in GROUPS.items():
        group = parser.add_argument_group(title)
        if title == "Files":
            for name, (metavar, effect) in FILES.items():
                needed = name == "out"
                group.add_argument(
                    f"--{name}", type=Path, required=needed, metavar=metavar, help=effect
                )
            group.add_argument(
                "--no-overwrite", action="store_true", help="refuse if a file to write is there already"
            )
        for name in settings:
            metavar = "VALUE [VALUE ...]" if name == "blend" else "VALUE"
            group.add_argument(flag(name), metavar=metavar, help=setting_help(name))
    add_plan_option(parser.add_argument_group("Workflow"))


def setting_help(name: str) -> str:
    """What a setting does, its values, and its default, as argparse wants it."""
    kind = KINDS[name]
    effect = FIELDS[name].metadata["effect"]
    syntax = ", written conv1_1=200,conv2_1=10" if isinstance(kind, Layers) else ""
    return f"{effect}: {kind}{syntax} ({default_text(name)})".replace("%", "%%")


def requested_settings(options: argparse.Namespace, **named: str) -> Settings:
    """The settings that the options ask for, and those named. Raises NstError with all faults."""
    texts = {name: getattr(options, name) for name in KINDS if getattr(options, name) is not None}
    settings = requested(texts | named, flag)
    if len(options.style) > MOST_STYLES:
        raise NstError(f"{len(options.style)} style pictures: a style has at most {MOST_STYLES}")
    if settings.regions and not settings.guide:
        raise NstError("--regions acts only with --guide: say which style picture acts in which region")
    faults = dict(count_faults(settings, len(options.style)))
    if "blend" in faults:
        faults["blend"] = with_example(faults["blend"], settings.blend, len(options.style))
    if faults:
        raise NstError("\n".join(f"{flag(name)}: {fault}" for name, fault in faults.items()))
    return settings


def _refuse_idle(options: argparse.Namespace) -> None:
    """Raise NstError for settings that `--start` would leave without effect.

    A run names them for the record of a cell: its shared start was made with them.
    """
    if not options.start or options.plan:
        return
    named = [name for name in OF_STARTS if getattr(options, name) is not None]
    if named:
        text = f"acts only without --start: the image starts from {options.start}"
        raise NstError("\n".join(f"{flag(name)} {text}" for name in named))


def _bad_masks(options: argparse.Namespace) -> Iterator[str]:
    """Why masks and starts that options name cannot be used, to be said with what else is wrong."""
    named: dict[str, None] = {}
    for name in (*PICTURES, "regions"):
        with suppress(NstError):  # a value that is refused is said already
            if (value := getattr(options, name)) is not None:
                named |= dict.fromkeys(named_pictures(name, parse(name, value)))
    yield from map(one_line, filter(None, map(picture_fault, named)))


def run(options: argparse.Namespace) -> None:
    """Make the image."""
    if options.plan:
        use_plan(options.plan)
    _refuse_idle(options)
    try:
        settings = requested_settings(options)
    except NstError as error:
        raise NstError("\n".join([str(error), *_bad_masks(options)])) from None
    map_large_blocks()
    with signals.answered(end_early):
        from nst.transfer.job import Job
        from nst.transfer.progress import say
        from nst.transfer.run import run as transfer  # torch: only once nothing is left to refuse
        from nst.transfer.weights_in_reach import with_weights_in_reach

    film, takes_webp = options.film, "webp" in (settings.format, kind_of(options.out))
    if settings.snapshot_every and not film:
        film = options.out.parent / f"{options.out.stem}{'.film' if takes_webp else ''}.webp"
    job = Job(
        inputs=inputs_of(settings, options.content, options.style, options.start),
        picture=options.out,
        record=options.record,
        trace=options.trace,
        weights=options.weights,
        film=film,
        beside=beside(options.out, settings.format),
        checkpoint=options.checkpoint,
    )
    if options.no_overwrite:
        job.refuse_overwriting()
    instead = None if options.backbone else lambda name: requested_settings(options, backbone=name)
    with_weights_in_reach(lambda chosen: transfer(job, chosen, say), settings, instead, say)
