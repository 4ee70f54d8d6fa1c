"""`external` names pictures by other programs: one for every content and style that has an image."""

import pytest
from conftest import draw_picture

from nst.config.grid import expand
from nst.errors import NstError


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A function: the value of `external` and other parts of a config -> its grid."""
    monkeypatch.chdir(tmp_path)
    for name in ("coffee", "cat", "glass", "marble"):
        draw_picture(tmp_path / f"{name}.png", (96, 64))

    def build(external, **parts):
        config = {
            "content": {name: f"{name}.png" for name in ("coffee", "cat")},
            "style": {name: f"{name}.png" for name in ("glass", "marble")},
            "settings": {"size": 64, "backbone": "vgg16"},
            "external": external,
        }
        return expand([], {**config, **parts})

    return build


def test_every_pair_has_one_picture_of_each_program(grid):
    built = grid({"tool": "o/{content}/{style}.png", "other": "/x/{style}-{content}.jpg"})
    assert [(one.id, str(one.picture)) for one in built.externals][:3] == [
        ("coffee/glass/tool", "o/coffee/glass.png"),
        ("coffee/glass/other", "/x/glass-coffee.jpg"),
        ("coffee/marble/tool", "o/coffee/marble.png"),
    ]
    assert len(built.externals) == 8 and len(built.cells) == 4
    assert list(built.shown) == [*built.by_id, *(one.id for one in built.externals)]


def test_a_pair_without_images_has_none(grid):
    built = grid({"tool": "{content}{style}.png"}, exclude=["cat/glass"])
    assert {(one.content, one.style) for one in built.externals} == set(built.pairs)
    assert len(built.externals) == 3


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_programs(grid, nothing):
    assert grid(nothing).externals == ()


def test_the_home_folder_may_be_abbreviated(grid, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    one = grid({"tool": "~/{content}_{style}.png"}).externals[0]
    assert one.picture == tmp_path / "me/coffee_glass.png"


FAULTS = {
    "x": ("external: 'x' is not a mapping `name: pattern`",),
    3: ("external: 3 is not a mapping",),
}


@pytest.mark.parametrize("value", FAULTS)
def test_what_is_no_mapping_is_refused(grid, value):
    with pytest.raises(NstError, match=FAULTS[value][0]):
        grid(value)


@pytest.mark.parametrize(
    ("name", "pattern", "message"),
    [
        ("t", 3, "3 is not a path with {content} and {style} in it"),
        ("t", "", "'' is not a path with {content} and {style} in it"),
        ("t", "o/{content}.png", "'o/{content}.png' has no {style}: write"),
        ("t", "o/x.png", "'o/x.png' has no {content} and no {style}: write"),
        ("t", "{content}{styel}{style}", "has {styel}, but only {content} and {style} are known"),
        ("t", "{content}{style}{}", "has {}, but only {content} and {style} are known"),
        ("t", "{content}{style}{", "holds one of {}<>"),
        ("t", "-{content}{style}", "begins as an option does"),
        ("t", "a\n{content}{style}", "holds a line break"),
        ("t", "results/prints/{content}/{style}.png", "is in results/, which this workflow makes"),
        ("t", "o/../results/{content}{style}", "is in results/"),
        ("Only", "{content}{style}", "'Only' is the variant only already: choose another name"),
        ("a b", "{content}{style}", "'a b' is not safe as a file name"),
        ("../x", "{content}{style}", "'../x' is not safe as a file name"),
        ("", "{content}{style}", "'' is not safe as a file name"),
    ],
)
def test_a_bad_name_or_pattern_is_refused_in_one_line(grid, name, pattern, message):
    with pytest.raises(NstError) as refusal:
        grid({name: pattern})
    assert message in str(refusal.value) and "\n" not in str(refusal.value)


def test_names_that_differ_in_case_only_are_refused(grid):
    with pytest.raises(NstError, match="'TOOL' is the name tool already"):
        grid({"tool": "{content}{style}a", "TOOL": "{content}{style}b"})


def test_too_many_are_refused(grid, monkeypatch):
    monkeypatch.setattr("nst.config.grid.MOST_CELLS", 7)
    with pytest.raises(NstError, match="external: names 8 pictures; the most is 7"):
        grid({"a": "{content}{style}", "b": "{content}{style}"})


@pytest.mark.parametrize(("size", "fits"), [
    ((96, 64), True), ((48, 32), True), ((50, 33), True), ((50, 34), True), ((50, 35), False),
    ((64, 96), False), ((64, 64), False),
])  # fmt: skip
def test_a_picture_is_measurable_if_it_has_the_shape_of_its_content(grid, tmp_path, size, fits):
    one = grid({"tool": "{content}_{style}.png"}).externals[0]
    draw_picture(tmp_path / one.picture, size)
    assert one.is_measurable is fits


def test_the_shape_is_that_of_the_upright_picture(grid, tmp_path):
    """A phone's portrait is stored lying on its side; other programs write it upright."""
    from PIL import Image

    with Image.open(tmp_path / "cat.png") as picture:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.save(tmp_path / "cat.jpg", exif=exif)
    contents = {"cat": "cat.jpg"}
    one = grid({"tool": "{content}_{style}.png"}, content=contents).externals[0]
    draw_picture(tmp_path / one.picture, (32, 48))
    assert one.is_measurable
