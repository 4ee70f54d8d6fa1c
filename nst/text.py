"""Shows values, names and durations in messages."""

import re
import reprlib
from difflib import get_close_matches
from typing import Any

# Line breaks, control characters of terminals, lone surrogates: messages and logs have none of them.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def nearest(name: object, names: Any) -> str:
    """The hint `; did you mean 'x'?` if a name is close to one of `names`, else ""."""
    known = {str(n).casefold(): str(n) for n in names}
    close = get_close_matches(str(name)[:100].casefold(), known, n=1, cutoff=0.6)
    return f"; did you mean {known[close[0]]!r}?" if close else ""


class _Short(reprlib.Repr):
    """A repr that is short, whatever the size or depth of a value."""

    def __init__(self):
        super().__init__()
        self.maxlevel, self.maxlist, self.maxdict = 3, 10, 10
        self.maxstring = self.maxlong = self.maxother = 100

    def repr_int(self, x: int, level: int) -> str:
        # Python does not print numbers of more than 4300 digits.
        return repr(x) if x.bit_length() < 1000 else f"a number of {x.bit_length()} bits"


def shown(value: object) -> str:
    """A value on one line of a message, cut to 80 characters."""
    text = _Short().repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def duration(seconds: float) -> str:
    """Seconds as a person says them: `42 s`, `17 min`, `5 h 12 min`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def counted(count: int, noun: str) -> str:
    """A number of things: `1 style weight`, `3 style weights`; a noun that ends in s is plural."""
    if count == 1 or noun.endswith("s"):
        return f"{count} {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def counted_with(count: int, noun: str, starts: int, rest: str = "") -> str:
    """`8 images and 2 shared starts`, with a `rest` that follows the number of images."""
    images = [counted(count, noun) + rest] if count or not starts else []
    return " and ".join([*images, *([counted(starts, "shared start")] if starts else [])])


def be(count: int, past: bool = False) -> str:
    """The verb that follows a number of things: `is` or `are`, `was` or `were`."""
    return ("was" if past else "is") if count == 1 else ("were" if past else "are")


def one_line(text: str) -> str:
    """A message without the line breaks and control characters of names and paths in it."""
    return CONTROL.sub(lambda match: ascii(match[0])[1:-1], " ".join(text.splitlines()))
