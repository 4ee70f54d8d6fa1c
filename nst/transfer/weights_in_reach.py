"""What is done where the weights of a recipe's backbone cannot be fetched: another backbone is used."""

from collections.abc import Callable
from typing import TypeVar

from nst.config.settings import IN_REACH, Settings
from nst.errors import WeightsOutOfReach

Made = TypeVar("Made")


def with_weights_in_reach(
    make: Callable[[Settings], Made],
    settings: Settings,
    instead: Callable[[], Settings] | None,
    say: Callable[[str], None],
) -> Made:
    """What `make` makes with these settings, or with those `instead` if their weights are out of reach.

    `instead` are the settings with the backbone IN_REACH; None if the user has named a backbone.
    """
    try:
        return make(settings)
    except WeightsOutOfReach as reason:
        if instead is None or settings.backbone == IN_REACH:
            raise
        name = settings.backbone
        say(f"note: {name} cannot be fetched (`nst weights {name}` says why): using {IN_REACH}")
        try:
            return make(instead())
        except WeightsOutOfReach:
            raise reason from None
