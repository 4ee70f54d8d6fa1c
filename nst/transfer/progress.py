"""How a transfer is shown: a bar on a terminal, lines to read later everywhere else."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from tqdm import tqdm

if TYPE_CHECKING:
    from nst.engine.stages import Evaluation

LINES = 20  # of a run in a log, whatever its length

Say = Callable[[str], None]


def say(message: str, stream: TextIO | None = None) -> None:
    """Print a line at once; a log on a full disk is no reason to stop."""
    with suppress(OSError):
        print(message, file=stream or sys.stderr, flush=True)


class Progress:
    """Shows the evaluations of one transfer as they come; `done` were made before.

    With `bar`, a bar is shown or not whatever the stream is, and no lines.
    """

    def __init__(
        self, evaluations: int, done: int = 0, stream: TextIO | None = None, bar: bool | None = None
    ):
        self.evaluations, self.stream = evaluations, stream or sys.stderr
        self.prints_lines = bar is None and not self.stream.isatty()
        tqdm.monitor_interval = 0  # no thread of its own, which may be one too many
        self.bar = tqdm(
            total=evaluations,
            initial=done,
            file=self.stream,
            disable=self.prints_lines or bar is False,
            unit="evaluation",
            bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]",
        )

    def show(self, row: "Evaluation") -> None:
        """Show one evaluation: on the bar, or now and then as a line."""
        self.bar.set_postfix_str(f"total {row.total:.4g}", refresh=False)
        self.bar.update()
        every = max(1, self.evaluations // LINES)
        if self.prints_lines and (row.number % every == 0 or row.number in (1, self.evaluations)):
            say(
                f"evaluation {row.number:>{len(str(self.evaluations))}}/{self.evaluations}"
                f"  total {row.total:<10.5g} content {row.content:<10.5g} style {row.style:<10.5g}"
                f" tv {row.tv:<8.4g} {row.seconds:6.1f} s",
                self.stream,
            )

    def close(self) -> None:
        """Leave the bar as it stands."""
        self.bar.close()
