"""What the sections share: pictures and networks on a device, command lines, and their time."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peak
import torch

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.disk import images
from nst.engine.backbone import Backbone
from nst.engine.objective import Objective, Style
from nst.transfer.state_dict import read_state


def loaded(options, recipe: str, size: int, precision: str, device: torch.device):
    """A backbone, its settings and both pictures (1 x 3 x height x width) on a device."""
    settings = chosen(options, recipe, size)
    if precision == "auto":
        precision = peak.precisions(device)[0]
    tensors = read_state(options.weights, settings.backbone, cut(settings.backbone, settings.layers()))
    content, style = pictures(size, device)
    return Backbone(settings, tensors, precision, device), settings, content, style


def chosen(options, recipe: str, size: int):
    """The settings of a recipe with the backbone of the weights."""
    given = {"recipe": recipe, "backbone": options.backbone, "size": size}
    if options.backbone == "vgg19-caffe":
        given["normalization"] = "caffe"
    return resolve(given)


def pictures(size: int, device: torch.device):
    """Content and style, 1 x 3 x height x width."""
    for path in (peak.CONTENT, peak.STYLE):
        yield images.to_tensor(images.resized(images.read(path)[0], size)).to(device)


def evaluated(options, recipe: str, size: int, precision: str, device: torch.device):
    """An objective and the image to evaluate."""
    backbone, settings, content, style = loaded(options, recipe, size, precision, device)
    return Objective(backbone, settings, content, [Style(style)]), content


def command(options, folder: Path, name: str, *flags: str) -> list[str]:
    """The command line of one transfer."""
    words = ["python", "-m", "nst", "transfer", str(peak.CONTENT), str(peak.STYLE)]
    words += ["--out", str(folder / f"{name}.png"), "--record", str(folder / f"{name}.json")]
    words += ["--weights", str(options.weights), "--device", options.device]
    given = {"--size": str(options.size), "--evaluations": str(options.evaluations)}
    given |= {"--backbone": options.backbone}
    if options.backbone == "vgg19-caffe":
        given["--normalization"] = "caffe"
    given |= dict(zip(flags[::2], flags[1::2], strict=True))
    return [*words, *(word for pair in given.items() for word in pair)]


def transferred(options, folder: Path, *flags: str) -> tuple[float, dict[str, Any]]:
    """Seconds and record of one transfer."""
    seconds = timed(lambda: called(command(options, folder, "x", *flags)))
    return seconds, json.loads((folder / "x.json").read_text())


def called(words: list[str], **more: str) -> str:
    """What a command prints. Raises RuntimeError with its last words if it fails."""
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **more})
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip()[-300:])
    return done.stdout.strip()


def timed(action: Callable[[], Any]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def is_over(options, seconds: float = 0) -> bool:
    """Whether the section's time does not suffice for something of so many seconds; it is said."""
    left = options.until - time.monotonic()
    if over := seconds > left:
        print(f"the rest is left out: {max(left, 0):.0f} s are left", flush=True)
    return over


def wait_for(device: torch.device) -> None:
    """Wait until the device has computed everything."""
    if device.type == "cuda":
        torch.cuda.synchronize()
