"""The weights file of one transfer, checked, and the networks that are loaded from it."""

from dataclasses import dataclass
from pathlib import Path

import torch

from nst.config.layers import cut
from nst.config.settings import Settings
from nst.disk.files import Stamp, stamp
from nst.disk.run_inputs import source, sum_of
from nst.engine.backbone import Backbone
from nst.transfer import weights
from nst.transfer.state_dict import read_state


@dataclass(frozen=True)
class WeightsFile:
    """A weights file with the checksum that it must keep while it is used."""

    path: Path
    stamp: Stamp
    sha256: str

    @classmethod
    def find(cls, named: Path | None, backbone: str) -> "WeightsFile":
        """The named file, or else the backbone's, fetched if need be. Raises NstError."""
        path = source(named) if named else weights.fetch(backbone, weights.default_folder())
        expected = (named and sum_of(named)) or weights.noted(path)
        seen = stamp(path)
        return cls(path, seen, weights.check(path, expected))

    def load(self, settings: Settings, precision: str, device: torch.device) -> Backbone:
        """The network on a device. Raises NstError if the file has changed since it was checked."""
        plan = cut(settings.backbone, settings.layers())
        tensors = read_state(self.path, settings.backbone, plan)
        backbone = Backbone(settings, tensors, precision, device)
        if stamp(self.path) != self.stamp:
            weights.check(self.path, self.sha256)
        return backbone
