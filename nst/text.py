"""How a value, a name or a duration is shown in a message."""

import re
import reprlib
from difflib import get_close_matches
from typing import Any

# Line breaks, what a terminal obeys, and halves of characters: no message or log may hold them.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def nearest(name: object, names: Any) -> str:
    """The hint `; did you mean 'x'?` for a name that is close to a known one, else nothing."""
    known = {str(n).casefold(): str(n) for n in names}
    close = get_close_matches(str(name)[:100].casefold(), known, n=1, cutoff=0.6)
    return f"; did you mean {known[close[0]]!r}?" if close else ""


class _Short(reprlib.Repr):
    """repr that stays short, whatever the size or depth of a value."""

    def __init__(self):
        super().__init__()
        self.maxlevel, self.maxlist, self.maxdict = 3, 10, 10
        self.maxstring = self.maxlong = self.maxother = 100

    def repr_int(self, number: int, level: int) -> str:
        # Python refuses to write out a number of more than 4300 digits.
        return repr(number) if number.bit_length() < 1000 else f"a number of {number.bit_length()} bits"


def shown(value: object) -> str:
    """A value as a message shows it: one line, not longer than a line."""
    text = _Short().repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def duration(seconds: float) -> str:
    """Seconds for people: `42 s`, `17 min`, `5 h 12 min`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def one_line(text: str) -> str:
    """A message without the line breaks and control characters that a name or path in it may hold."""
    return CONTROL.sub(lambda found: ascii(found[0])[1:-1], " ".join(text.splitlines()))
