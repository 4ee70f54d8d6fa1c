"""What is done where the weights of a recipe's backbone cannot be fetched: another backbone is used."""

from collections.abc import Callable
from typing import TypeVar

from nst.config.setting_sets import IN_REACH
from nst.config.settings import Settings
from nst.errors import NstError, WeightsOutOfReach

Made = TypeVar("Made")


def with_weights_in_reach(
    make: Callable[[Settings], Made],
    settings: Settings,
    instead: Callable[[str], Settings] | None,
    say: Callable[[str], None],
) -> Made:
    """What `make` makes with these settings, or with another backbone if the weights are out of reach.

    `instead` gives the settings with one of IN_REACH; it is None if the user has named a backbone.
    """
    try:
        return make(settings)
    except WeightsOutOfReach as reason:
        if instead is None:
            raise
        name = settings.backbone
        for other in (backbone for backbone in IN_REACH if backbone != settings.backbone):
            try:
                chosen = instead(other)
            except NstError:  # what the user has set does not fit this backbone
                continue
            say(f"note: {name} cannot be fetched (`nst weights {name}` says why): using {other}")
            try:
                return make(chosen)
            except WeightsOutOfReach:
                name = other
        raise reason
