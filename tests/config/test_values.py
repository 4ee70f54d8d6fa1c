"""Values: read, refused, and spelled in one way only."""

import math
import random
import re
import struct

import pytest

from nst.config.settings import FIELDS
from nst.config.values import (
    LONGEST_SPELLING,
    Choice,
    Layers,
    NameOrFile,
    Number,
    NumberOr,
    safe_spelling,
    spell_number,
)
from nst.errors import NstError
from nst.text import duration, nearest, one_line, shown

SPELLINGS = {
    0: "0",
    1: "1",
    256: "256",
    1000: "1e3",
    1e5: "1e5",
    150000: "1.5e5",
    123000: "123000",
    0.1: "0.1",
    0.5: "0.5",
    0.001: "1e-3",
    1e-7: "1e-7",
    1.5e-7: "1.5e-7",
    123456789: "123456789",
    1e22: "1e22",
    -2.5: "-2.5",
    -1e9: "-1e9",
    5e-324: "5e-324",
    2**63: "9223372036854775808",
}


@pytest.mark.parametrize(("number", "spelling"), SPELLINGS.items())
def test_a_number_has_one_spelling(number, spelling):
    assert spell_number(number) == spelling


def random_floats(count):
    """Finite floats of all sizes: any bits, and those that people write."""
    chance = random.Random(1)
    for _ in range(count):
        bits = struct.unpack("<d", chance.randbytes(8))[0]
        yield bits if abs(bits) < float("inf") else 0.0
        yield chance.choice((-1, 1)) * round(10 ** chance.uniform(-9, 18), chance.randrange(6))
        yield float(f"{chance.randrange(1, 100)}e{chance.randrange(-12, 24)}")


def test_a_spelling_reads_back_exactly_and_is_never_longer_than_pythons():
    for number in [*random_floats(20_000), -0.0, *map(float, SPELLINGS)]:
        spelling = spell_number(number)
        assert float(spelling) == number
        assert len(spelling) <= len(repr(number))
        assert re.fullmatch(r"[0-9.e-]+", spelling)


@pytest.mark.parametrize(
    "written", [1e5, 100000, "1e5", "1.0e+5", "100000.0", "1E5", " 1e5 ", "100_000"]
)
def test_every_way_to_write_a_number_is_one_value(written):
    kind = Number(0, 1e15)
    assert kind.parse(written) == 1e5
    assert kind.spell(kind.parse(written)) == kind.text(kind.parse(written)) == "1e5"


@pytest.mark.parametrize("written", [2**53 + 1, str(2**53 + 1), 2**63 - 1, "0"])
def test_a_long_whole_number_keeps_its_last_digit(written):
    kind = FIELDS["seed"].metadata["kind"]
    assert kind.parse(written) == int(written)
    assert kind.parse(kind.text(kind.parse(written))) == int(written)


@pytest.mark.parametrize("zero", [-0.0, "-0", "-0.0", "-0e5"])
def test_minus_zero_is_zero(zero):
    assert spell_number(float(zero)) == "0"
    assert repr(Number(0, 1).parse(zero)) == "0.0"


@pytest.mark.parametrize(
    "setting", [name for name, f in FIELDS.items() if isinstance(f.metadata["kind"], Number)]
)
def test_the_bounds_of_a_setting_read_back_and_what_lies_beyond_is_refused(setting):
    kind = FIELDS[setting].metadata["kind"]
    for bound, away in ((kind.low, -1), (kind.high, 1)):
        for written in (bound, kind.text(bound)):
            assert kind.parse(written) == bound
        beyond = bound + away if kind.whole else math.nextafter(bound, away * math.inf)
        for written in (beyond, kind.text(beyond)):
            with pytest.raises(NstError, match=re.escape(f"is not {kind}")):
                kind.parse(written)


NOT_NUMBERS = [
    None, True, False, "", " ", "x", "1,5", "0x10", "1:30", "nan", ".nan", "inf", "-inf", "sNaN", -1,
    "-1", 10.001, "1e400", 10**400, float("nan"), float("inf"), [], [1], {}, {"a": 1}, (1,), b"1", 1j,
    "1e-9999999999999999999999", "1e99999999999999999999", "9" * 6000,
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=lambda v: shown(v)[:20])
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_not_a_number_in_range_is_refused(value, whole):
    with pytest.raises(NstError, match=r"is not a (whole )?number from 0 to 10$"):
        Number(0, 10, whole).parse(value)


@pytest.mark.parametrize("value", [1.5, "1.5", "1e-3"])
def test_a_broken_number_is_not_whole(value):
    assert Number(0, 10).parse(value) == float(value)
    with pytest.raises(NstError, match="is not a whole number"):
        Number(0, 10, whole=True).parse(value)


@pytest.mark.parametrize(
    ("value", "hint"),
    [("MAX", "did you mean 'max'"), ("mx", "did you mean 'max'"), ("zzz", "one of max, avg$")]
    + [(value, "one of max, avg") for value in (None, True, 1, [], ["max"], {}, "")],
)
def test_a_choice_names_the_nearest(value, hint):
    with pytest.raises(NstError, match=hint):
        Choice(("max", "avg")).parse(value)


TILE = NumberOr(("auto", "none"), Number(64, 16384, whole=True))


def test_a_number_or_a_name():
    for value, wanted in {"auto": "auto", "none": "none", "512": 512, 512: 512, "1e3": 1000}.items():
        assert TILE.parse(value) == wanted
        assert TILE.parse(TILE.text(wanted)) == wanted
        assert TILE.spell(wanted) == TILE.text(wanted)


@pytest.mark.parametrize("value", ["Auto", "63", 16385, 100.5, True, None, [512]])
def test_neither_a_number_nor_a_name(value):
    with pytest.raises(NstError, match="is not one of auto, none, or a whole number from 64 to 16384"):
        TILE.parse(value)


PLACE = NameOrFile(("content", "noise"), (".png",), "a picture")


@pytest.mark.parametrize("value", ["content", "a.png", "b/c.PNG", "ünï.png"])
def test_a_name_or_a_file_is_taken(value):
    assert PLACE.parse(value) == value
    assert PLACE.is_file(value) == (value != "content")


@pytest.mark.parametrize("value", [None, 1, True, [], {}, "", "nois", "a.txt", "a\0.png", "-a.png"])
def test_what_is_neither_name_nor_file_is_refused(value):
    with pytest.raises(NstError):
        PLACE.parse(value)


LAYERS = Layers(("conv1", "conv2", "relu2"))


@pytest.mark.parametrize(
    ("value", "layers"),
    [
        (["conv2", "conv1"], {"conv1": 1, "conv2": 1}),
        ({"conv2": "1e2", "conv1": 0.5}, {"conv1": 0.5, "conv2": 100}),
        ("conv1", {"conv1": 1}),
        (" conv2 , conv1 = 0.5 ", {"conv1": 0.5, "conv2": 1}),
    ],
)
def test_layers_are_read_from_lists_mappings_and_options(value, layers):
    parsed = LAYERS.parse(value)
    assert parsed == layers
    assert list(parsed) == sorted(parsed)
    assert LAYERS.parse(LAYERS.text(parsed)) == parsed


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], r"\[\] is not a list of layers"),
        ({}, "is not a list of layers"),
        (None, "None is not a list of layers"),
        (True, "True is not a list of layers"),
        (3, "3 is not a list of layers"),
        ("", "'' is not a layer"),
        (["conv1", None], "None is not a layer"),
        ([["conv1"]], r"\['conv1'\] is not a layer"),
        ([{"conv1": 2}], "is not a layer"),
        ({1: 2}, "1 is not a layer"),
        (["cnv1", "x"], "'cnv1', 'x' are not layers of any backbone; did you mean 'conv1'"),
        (["conv1", "conv1"], "names the layer conv1 twice"),
        ("conv1=2,conv1=3", "names the layer conv1 twice"),
        ({"conv1": None}, "conv1: None is not a number"),
        ({"conv1": True}, "conv1: True is not a number"),
        ({"conv1": -1}, "conv1: -1 is not a number"),
        ({"conv1": [1]}, r"conv1: \[1\] is not a number"),
        ("conv1=", "conv1: '' is not a number"),
        ("conv1=2=3", "conv1: '2=3' is not a number"),
    ],
)
def test_what_is_not_layers_is_refused(value, message):
    with pytest.raises(NstError, match=message):
        LAYERS.parse(value)


def test_layers_with_random_weights_read_back():
    kind, chance = FIELDS["style_layers"].metadata["kind"], random.Random(2)
    for _ in range(300):
        names = chance.sample(kind.known, chance.randrange(1, 8))
        value = kind.parse({name: chance.choice((1, 10 ** chance.uniform(-6, 6))) for name in names})
        assert kind.parse(kind.text(value)) == value


def test_file_spellings_are_safe_bounded_and_distinct():
    texts = [
        "a",
        "A b",
        "a_b",
        "a/b",
        "a b",
        "ä",
        "ö",
        "a" * 61,
        "a" * 62,
        "conv1_1+conv2_1=0.5",
        "..",
        "",
    ]
    texts += ["\ud800", "a\nb", "con:", "*", "x" * 10_000]
    spellings = [safe_spelling(text) for text in texts if text]
    assert len({spelling.casefold() for spelling in spellings}) == len(spellings)
    for spelling in spellings:
        assert re.fullmatch(r"[A-Za-z0-9._+=-]+", spelling)
        assert len(spelling) <= LONGEST_SPELLING


def test_a_file_is_spelled_by_its_name_without_folder_and_ending():
    assert PLACE.spell("some/where/start.png") == "start"
    assert PLACE.spell("noise") == "noise"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("stlye", "; did you mean 'style'?"),
        ("STYLE", "; did you mean 'style'?"),
        ("qqq", ""),
        (None, ""),
    ],
)
def test_the_nearest_name_is_hinted_at(name, hint):
    assert nearest(name, ["content", "style"]) == hint


NESTED = []
for _ in range(3000):
    NESTED = [NESTED]

VAST = {
    "text": "x" * 10**6,
    "number": 1 << 10**5,
    "list": [[1] * 9999] * 99,
    "nested": {"a": NESTED},
    "line breaks": "a\nb\u2028c",
}


@pytest.mark.parametrize("value", VAST.values(), ids=VAST)
def test_a_shown_value_is_one_short_line(value):
    assert len(shown(value)) <= 80
    assert len(shown(value).splitlines()) == 1


def test_a_message_is_one_line():
    assert one_line("a\nb\x85c\u2028d") == "a b c d"
    assert one_line("\x1b[2Jé\x9b\ud800") == r"\x1b[2Jé\x9b\ud800"


def test_a_duration_is_written_as_people_say_it():
    seconds = (0.2, 42, 99.4, 99.6, 3599, 3600 * 5 + 721)
    assert [duration(s) for s in seconds] == ["0 s", "42 s", "99 s", "2 min", "1 h 0 min", "5 h 12 min"]
