"""Kinds of values: how a value is parsed, refused, and spelled in a file name.

Values are YAML objects (config.yaml, recipes) or strings (command line). The same `parse` reads
both, so `1e6`, `"1e6"` and `1000000` are one value everywhere. `text` writes a value so that
`parse` reads it back; `spell` writes it for a file name.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from nst.disk.home import abbreviate_home, expand_home
from nst.errors import NstError
from nst.text import CONTROL, nearest, shown

LONGEST_SPELLING = 60  # characters of one value in a file name; longer ones end in a digest
LONGEST_SAFE_NAME = 64
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Letters that Unicode does not take apart.
PLAIN_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
# Windows reserves these for devices, whatever the ending.
RESERVED = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10)}


def spell_number(number: float) -> str:
    """The shorter of the plain and the scientific spelling, plain if equally long: 256, 1e5, 0.5."""
    # A seed may have more digits than a float. Adding 0.0 turns -0.0 into 0.0.
    exact = number if isinstance(number, int) else repr(float(number) + 0.0)
    decimal = Decimal(exact).normalize()
    plain = format(decimal, "f")
    first, rest = str(decimal.as_tuple().digits[0]), decimal.as_tuple().digits[1:]
    mantissa = first + ("." + "".join(map(str, rest)) if rest else "")
    scientific = f"{'-' if decimal < 0 else ''}{mantissa}e{decimal.adjusted()}"
    return plain if len(plain) <= len(scientific) else scientific


def safe_spelling(text: str) -> str:
    """A spelling for file names: no separators, bounded length, different for different texts."""
    safe = re.sub(r"[^A-Za-z0-9._+=-]", "-", text)
    if safe == text and len(text) <= LONGEST_SPELLING:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe[: LONGEST_SPELLING - 9]}-{digest}"


def is_safe(name: str) -> bool:
    """Whether a name can be part of a file name on every system."""
    reserved = name.split(".")[0].casefold() in RESERVED
    return bool(SAFE_NAME.fullmatch(name)) and not name.endswith(".") and not reserved


def safe_name(name: str) -> str:
    """A safe name that resembles an unsafe one."""
    plain = _decomposed(name[:1000]).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("._-")[:64].rstrip("._-")
    return safe if is_safe(safe) else f"a_{safe}"[:64].rstrip("._-")


def derived_name(name: str) -> str:
    """The safe name of a picture whose file has this name: the same if it is safe already.

    It ends in a digest where it lacks letters of the file's name, so that 猫 and 犬 have two names.
    """
    if is_safe(name):
        return name
    safe = safe_name(name)
    lost = [c for c in _decomposed(name) if c.isalnum() and not c.isascii()]
    if not lost and len(name) <= LONGEST_SAFE_NAME:
        return safe
    composed = unicodedata.normalize("NFC", name)  # the same on macOS and elsewhere
    digest = hashlib.sha256(composed.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe[: LONGEST_SAFE_NAME - 9]}-{digest}"


def _decomposed(text: str) -> str:
    """A text with its letters apart from their accents."""
    return unicodedata.normalize("NFKD", text.translate(PLAIN_LETTERS))


@dataclass(frozen=True)
class Number:
    """A finite number between two bounds, which are included."""

    low: float
    high: float
    whole: bool = False

    def __str__(self) -> str:
        noun = "a whole number" if self.whole else "a number"
        return f"{noun} from {spell_number(self.low)} to {spell_number(self.high)}"

    def parse(self, value: object) -> float | int:
        try:
            if isinstance(value, bool) or not isinstance(value, int | float | str):
                raise ValueError
            # As decimals: a float would round a long seed, and miss a bound such as 0.05.
            number = _exact(value)
            if not number.is_finite() or not _exact(self.low) <= number <= _exact(self.high):
                raise ValueError
            if self.whole and number != int(number):
                raise ValueError
        except (ValueError, ArithmeticError):
            raise NstError(f"{shown(value)} is not {self}") from None
        return int(number) if self.whole else float(number) + 0.0  # -0.0 becomes 0.0

    def text(self, value: float) -> str:
        return spell_number(value)

    spell = text


def _exact(value: float | int | str) -> Decimal:
    return Decimal(repr(value) if isinstance(value, float) else value)


@dataclass(frozen=True)
class NumberOr:
    """A number between two bounds, or one of some names."""

    names: tuple[str, ...]
    number: Number

    def __str__(self) -> str:
        return f"one of {', '.join(self.names)}, or {self.number}"

    def parse(self, value: object) -> float | int | str:
        if isinstance(value, str) and value in self.names:
            return value
        try:
            return self.number.parse(value)
        except NstError:
            raise NstError(f"{shown(value)} is not {self}{nearest(value, self.names)}") from None

    def text(self, value: float | str) -> str:
        return value if isinstance(value, str) else self.number.text(value)

    spell = text


@dataclass(frozen=True)
class Choice:
    """One of some names."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "one of " + ", ".join(self.names)

    def parse(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.names:
            raise NstError(f"{shown(value)} is not {self}{nearest(value, self.names)}")
        return value

    def text(self, value: str) -> str:
        return value

    spell = text


@dataclass(frozen=True)
class NameOrFile:
    """One of some names, or the path of a file with one of the endings."""

    names: tuple[str, ...]
    endings: tuple[str, ...]
    noun: str

    def __str__(self) -> str:
        return f"one of {', '.join(self.names)}, or the path of {self.noun}"

    def parse(self, value: object) -> str:
        if not isinstance(value, str) or not self._fits(value):
            raise NstError(f"{shown(value)} is not {self}{nearest(value, self.names)}")
        if value.startswith("-"):
            raise NstError(f"{shown(value)} begins as an option does: rename the file")
        return expand_home(value)

    def _fits(self, text: str) -> bool:
        named = text in self.names or text.lower().endswith(self.endings)
        return named and not CONTROL.search(text)

    def is_file(self, value: str) -> bool:
        """Whether a parsed value is the path of a file."""
        return value not in self.names

    def text(self, value: str) -> str:
        return abbreviate_home(value)

    def spell(self, value: str) -> str:
        return safe_spelling(Path(value).stem if self.is_file(value) else value)


@dataclass(frozen=True)
class NamesOrFiles:
    """A value of another kind, or a list of such, the text `none,sky.png`."""

    one: NameOrFile

    def __str__(self) -> str:
        return f"{self.one}; or a list of these"

    def parse(self, value: object) -> str | list[str]:
        if isinstance(value, str) and "," in value:
            value = value.split(",")
        if not isinstance(value, list):
            return self.one.parse(value)
        if not value:
            raise NstError(f"{shown(value)} is not {self}")
        if comma := next((one for one in value if isinstance(one, str) and "," in one), None):
            raise NstError(f"{shown(comma)} has a comma in it: rename the file")
        return [self.one.parse(one) for one in value]

    def is_file(self, value: str | list[str]) -> bool:
        """Whether a parsed value is the path of one file."""
        return isinstance(value, str) and self.one.is_file(value)

    def text(self, value: str | list[str]) -> str:
        return ",".join(map(self.one.text, [value] if isinstance(value, str) else value))

    def spell(self, value: str | list[str]) -> str:
        if isinstance(value, str):
            return self.one.spell(value)
        return safe_spelling("+".join(map(self.one.spell, value)))


@dataclass(frozen=True)
class Layers:
    """Names of layers with their weights: a list, a mapping, or the text `conv1_1=200,conv2_1=10`."""

    known: tuple[str, ...]

    def __str__(self) -> str:
        return "a list of layers, or a mapping from layer to weight"

    def parse(self, value: object) -> dict[str, float]:
        if isinstance(value, str):
            parts = [part.partition("=") for part in value.split(",")]
            pairs = [(name.strip(), weight if equals else 1) for name, equals, weight in parts]
        elif isinstance(value, dict):
            pairs = list(value.items())
        elif isinstance(value, list):
            pairs = [(name, 1) for name in value]
        else:
            pairs = []
        if not pairs:
            raise NstError(f"{shown(value)} is not {self}")
        self.refuse_unknown([name for name, _ in pairs])
        names = sorted(name for name, _ in pairs)
        duplicates = [name for name, following in pairwise(names) if name == following]
        if duplicates:
            raise NstError(f"{shown(value)} names the layer {duplicates[0]} twice")
        return {name: self._weight(name, weight) for name, weight in sorted(pairs)}

    def refuse_unknown(self, names: list[object]) -> None:
        unknown = [name for name in names if not isinstance(name, str) or name not in self.known]
        if unknown:
            noun = "is not a layer" if len(unknown) == 1 else "are not layers"
            raise NstError(
                f"{', '.join(map(shown, unknown[:5]))} {noun} of any backbone"
                f"{nearest(unknown[0], self.known)}"
                " (VGG: conv1_1, relu1_1, ...; AlexNet: conv1, relu1, ...)"
            )

    def _weight(self, name: str, weight: object) -> float:
        try:
            return Number(0, 1e12).parse(weight)
        except NstError as error:
            raise NstError(f"{name}: {error}") from None

    def text(self, value: dict[str, float]) -> str:
        return ",".join(n if w == 1 else f"{n}={spell_number(w)}" for n, w in value.items())

    def spell(self, value: dict[str, float]) -> str:
        return safe_spelling(self.text(value).replace(",", "+"))
