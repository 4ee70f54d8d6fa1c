"""How a run is shown: a bar on a terminal, lines that can be read later everywhere else."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from tqdm import tqdm

if TYPE_CHECKING:
    from nst.engine.stages import Evaluation

LINES = 20  # how many lines a log gets of one run, whatever its length


def say(message: str, stream: TextIO | None = None) -> None:
    """Print a line where it is seen at once; a log on a full disk is no reason to stop."""
    with suppress(OSError):
        print(message, file=stream or sys.stderr, flush=True)


class Progress:
    """Every evaluation of `engine.optimize`: kept for the trace, and shown as it comes."""

    def __init__(
        self, evaluations: int, rows: "Sequence[Evaluation]" = (), stream: TextIO | None = None
    ):
        self.evaluations, self.stream = evaluations, stream or sys.stderr
        self.rows: list[Evaluation] = [*rows]
        tqdm.monitor_interval = 0  # no thread of its own: it may be one too many
        self.bar = tqdm(
            total=evaluations,
            initial=len(rows),
            file=self.stream,
            disable=not self.stream.isatty(),
            unit="evaluation",
            bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]",
        )

    def __call__(self, row: "Evaluation") -> None:
        self.rows.append(row)
        self.bar.set_postfix_str(f"total {row.total:.4g}", refresh=False)
        self.bar.update()
        every = max(1, self.evaluations // LINES)
        if self.bar.disable and (row.number % every == 0 or row.number in (1, self.evaluations)):
            say(
                f"evaluation {row.number:>{len(str(self.evaluations))}}/{self.evaluations}"
                f"  total {row.total:<10.5g} content {row.content:<10.5g} style {row.style:<10.5g}"
                f" tv {row.tv:<8.4g} {row.seconds:6.1f} s",
                self.stream,
            )

    def close(self) -> None:
        """Leave the bar as it stands."""
        self.bar.close()
