"""The pictures that other programs made: which of them can be shown, and what is said of the others."""

import os
from collections.abc import Iterator

from nst.config.external import External
from nst.config.grid import Grid
from nst.disk import images
from nst.disk.run_inputs import source
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.results.states import State, States

# The kinds of their states, and their outcomes in the table.
EXTERNAL, ABSENT, UNREADABLE = "external", "absent", "unreadable"
MOST_NAMES = 3  # in one line


def survey_externals(grid: Grid, sums: Sums | None = None) -> dict[str, State]:
    """The state of each external picture, by its id; the reason of a good one says what it lacks."""
    sums = sums or Sums()
    states = {one.id: _state(one, sums) for one in grid.externals}
    sums.save()
    return states


def _state(one: External, sums: Sums) -> State:
    if not is_there(one):
        return State(ABSENT, f"{one.picture} does not exist")
    try:
        width, height = one.size
        if not sums.is_decoded(one.picture):
            images.check(one.picture)
            sums.note_decoded(one.picture)
        if one.is_measurable:
            return State(EXTERNAL)
        wanted = images.upright_size(one.content_picture)
    except NstError as error:
        return State(UNREADABLE, str(error).splitlines()[0])
    sizes = f"{width} x {height} pixels, its content is {wanted[0]} x {wanted[1]}"
    return State(EXTERNAL, f"another shape than its content ({sizes}), so it is not measured")


def is_there(one: External) -> bool:
    """Whether there is anything in the place of an external picture."""
    return os.path.exists(one.picture) or source(one.picture) != one.picture  # noqa: PTH110 - no errors


def external_notices(grid: Grid, states: States) -> list[str]:
    """What a user should know of them before a run: one line for each kind of fault of each program."""
    notices = []
    for name in grid.external_names:
        own = [one for one in grid.externals if one.name == name]
        key = ("external", name)
        notices += [grid.config.line(key, text) for text in _faults(own, states)]
    return notices


def _faults(own: list[External], states: States) -> Iterator[str]:
    of_kind = {
        kind: [one for one in own if states[one.id].kind == kind]
        for kind in (ABSENT, UNREADABLE, EXTERNAL)
    }
    if absent := of_kind[ABSENT]:
        paths = _listed([str(one.picture) for one in absent])
        yield f"no picture for {len(absent)} of {len(own)} pairs: {paths}"
    if unreadable := of_kind[UNREADABLE]:
        yield _listed([states[one.id].reason for one in unreadable])
    if misshapen := [one for one in of_kind[EXTERNAL] if states[one.id].reason]:
        yield _listed([f"{one.picture} has {states[one.id].reason}" for one in misshapen])


def _listed(texts: list[str]) -> str:
    more = f"; and {len(texts) - MOST_NAMES} more" if len(texts) > MOST_NAMES else ""
    return "; ".join(texts[:MOST_NAMES]) + more
