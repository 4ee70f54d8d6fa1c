"""The summary of a grid: what is suggested, what went wrong, what it took."""

import shutil

import pytest
from grids import build_grid, write_record
from measuring import store_metrics

from nst.cli import main
from nst.disk.record import OUTCOMES
from nst.results.summary import plain, write_summary

LOSSES = {1: (1, 100), 3: (1.5, 40), 10: (2, 2), 30: (40, 1.5), 100: (100, 1)}


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function (axes, ...) -> a grid in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda axes, **options: build_grid(tmp_path, axes=axes, **options)


def by_weight(cell):
    return LOSSES[cell.settings.style_weight]


def written(grid, tmp_path):
    """The summary by its headings: lines, and tables as lists of cells."""
    write_summary(grid, tmp_path / "results/summary.md")
    sections, heading = {}, ""
    for line in (tmp_path / "results/summary.md").read_text().splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line:
            row = [part.strip() for part in line[1:-1].split(" | ")] if line.startswith("|") else line
            sections.setdefault(heading, []).append(row)
    return sections


def test_every_pair_has_its_suggestion_and_its_ranges(make, tmp_path):
    grid = make({"style_weight": list(LOSSES)}, losses=by_weight, contents=("c", "d"))
    found = written(grid, tmp_path)
    assert found["Summary"] == ["10 images: 2 contents, 1 style, 5 variants of each pair."]
    heads, rule, *rows = found["Where to look first"]
    assert heads == ["content", "style", "suggestion", "content loss", "style loss", "total, weighted"]
    assert rule == ["---"] * 6
    assert rows[0] == [
        "c", "s", "[style weight 10](cells/c/s/style_weight-10.png)",
        "1 to 100", "1 to 100", "22 to 200",
    ]  # fmt: skip
    assert rows[1][0] == "d"
    assert rows[2].startswith("A suggestion is a balance of content and style")
    assert not any("Not listed" in row for row in rows)


def test_every_group_of_a_pair_has_a_row(make, tmp_path):
    grid = make({"size": [64, 96], "style_weight": list(LOSSES)}, losses=by_weight)
    heads, _, *rows = written(grid, tmp_path)["Where to look first"]
    assert heads[:4] == ["content", "style", "group", "suggestion"]
    assert [row[2] for row in rows[:2]] == ["size 64", "size 96"]
    assert rows[1][3] == "[size 96 · style weight 10](cells/c/s/size-96_style_weight-10.png)"


def test_pairs_without_a_suggestion_are_counted_and_a_grid_without_any_has_no_table(make, tmp_path):
    def losses(cell):
        return by_weight(cell) if cell.content == "c" else (5, 5)

    grid = make({"style_weight": list(LOSSES)}, losses=losses, contents=("c", "d"))
    _, _, row, *rest = written(grid, tmp_path)["Where to look first"]
    assert row[:3] == ["c", "s", "[style weight 10](cells/c/s/style_weight-10.png)"]
    assert rest[-1].startswith("Not listed, as they have no suggestion: 1 pair with fewer than five")
    few = make({"style_weight": [1, 10, 100]}, losses=by_weight)
    assert list(written(few, tmp_path))[1] == "Images that did not complete"


def test_images_that_did_not_complete_are_named_with_what_it_means(make, tmp_path):
    grid = make({"style_weight": list(LOSSES)}, losses=by_weight)
    name = "Images that did not complete"
    assert written(grid, tmp_path)[name] == ["None: all evaluations were computed for every image."]
    write_record(grid.cells[0], (1, 1), outcome="diverged")
    write_record(grid.cells[4], (1, 1), outcome="sta|led")
    assert written(grid, tmp_path)[name][2:] == [
        ["[c/s/style_weight-1](cells/c/s/style_weight-1.png)", "diverged", OUTCOMES["diverged"]],
        ["[c/s/style_weight-100](cells/c/s/style_weight-100.png)", r"sta\|led", "unknown"],
    ]


def test_the_slowest_and_what_every_device_took(make, tmp_path):
    grid = make({"seed": list(range(8))})
    for number, cell in enumerate(grid.cells):
        device = "cuda 0 <b>H100</b>" if number % 2 else "cpu"
        write_record(cell, (1, 1), seconds=1000.0 * number, evaluations=10 + number, device=device)
    found = written(grid, tmp_path)
    _, _, *rows = found["The slowest images"]
    assert [row[1:] for row in rows] == [
        ["1 h 57 min", "17", r"cuda 0 \<b\>H100\</b\>"],
        ["1 h 40 min", "16", "cpu"],
        ["1 h 23 min", "15", r"cuda 0 \<b\>H100\</b\>"],
        ["1 h 7 min", "14", "cpu"],
        ["50 min", "13", r"cuda 0 \<b\>H100\</b\>"],
    ]
    _, _, *rows, last = found["Cost"]
    assert rows == [
        ["cpu", "4", "52", "3 h 20 min"],
        [r"cuda 0 \<b\>H100\</b\>", "4", "56", "4 h 27 min"],
    ]
    assert last.startswith("108 evaluations in all")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<b>", r"\<b\>"),
        ("`x` *y*", r"\`x\` \*y\*"),
        ("a\nb\tc", "a b c"),
        ("[a](b) ![c]", r"\[a\](b) \!\[c\]"),
        ("style_weight-1 _x_", r"style_weight-1 \_x\_"),
        ("a\\|b & ~~c~~", r"a\\\|b \& \~\~c\~\~"),
    ],
)
def test_markup_is_escaped(text, shown):
    assert plain(text) == shown


def test_the_verbs_write_their_files(make, tmp_path):
    make({"style_weight": [1, 10]}, losses=lambda cell: (5, 5))
    assert main(["summary", "--out", "results/summary.md"]) == 0
    assert main(["curves"]) == 0
    assert (tmp_path / "results/summary.md").is_file()
    assert (tmp_path / "results/curves/c/s/all.svg").is_file()


def test_images_of_several_sizes_are_suggested_by_metrics(make, tmp_path):
    """Their losses do not compare. The knee of the numbers below is at weight 10 of 96 pixels."""
    grid = make({"size": [64, 96], "style_weight": list(LOSSES)}, losses=by_weight)

    def numbers(cell):
        content, style = by_weight(cell)
        large = cell.settings.size == 96
        return {"lpips": content + (not large), "ssim": 0.5, "style_distance": style + (not large)}

    store_metrics(grid, numbers)
    found = written(grid, tmp_path)
    _, _, row, note = found["Where to look first across recipes, networks and sizes"]
    assert row == [
        "c", "s", "[size 96 · style weight 10](cells/c/s/size-96_style_weight-10.png)", "1 to 101",
        "1 to 101",
    ]  # fmt: skip
    assert note.startswith("As above")
    assert found["Metrics"][2] == ["size 64 · style weight 1", "1", "2", "0.5", "101", "too small"]


def test_images_whose_losses_compare_are_not_suggested_by_metrics(make, tmp_path):
    grid = make({"style_weight": list(LOSSES)}, losses=by_weight)

    def numbers(cell):
        content, style = by_weight(cell)
        return {"lpips": content, "ssim": 0.5, "style_distance": style, "colour_distance": 3.0}

    store_metrics(grid, numbers)
    found = written(grid, tmp_path)
    assert not any("across" in heading for heading in found)
    assert [row[2] for row in found["Metrics"][2:7]] == ["1", "1.5", "2", "40", "100"]


def test_groups_without_a_suggestion_are_no_pairs(make, tmp_path):
    def losses(cell):
        return by_weight(cell) if cell.settings.size == 64 else (5, 5)

    grid = make({"size": [64, 96], "style_weight": list(LOSSES)}, losses=losses)
    assert written(grid, tmp_path)["Where to look first"][-1].startswith(
        "Not listed, as they have no suggestion: 1 group with fewer than five"
    )


def test_the_means_are_of_other_programs_too_and_say_of_how_many_images(make, tmp_path):
    names = {"tool": "tool/{content}_{style}.png", "none": "none/{content}_{style}.png"}
    options = {"contents": ("c", "d"), "losses": by_weight, "more": {"external": names}}
    grid = make({"style_weight": [1, 100]}, **options)
    for cell in grid.externals[:1]:
        cell.picture.parent.mkdir()
        shutil.copy(grid.cells[0].picture, cell.picture)
    store_metrics(grid, lambda cell: {"lpips": 1.0 + cell.content.count("d"), "style_distance": 2.0})
    found = written(grid, tmp_path)
    assert list(found).index("Metrics") > list(found).index("Images that did not complete")
    assert [row[:4] for row in found["Metrics"][2:5]] == [
        ["style weight 1", "2", "1.5", "too small"],
        ["style weight 100", "2", "1.5", "too small"],
        ["made by tool", "1 of 2", "1", "too small"],
    ]
    assert [line.split(":")[0] for line in found["Metrics"][5:9]] == [
        "- LPIPS", "- SSIM", "- style distance", "- colour distance"
    ]  # fmt: skip
    grid.cells[0].file(".json").unlink()
    assert written(grid, tmp_path)["Metrics"][2][:3] == ["style weight 1", "1 of 2", "2"]


def test_an_image_that_is_not_measured_is_left_out_of_what_is_suggested_by_metrics(make, tmp_path):
    grid = make({"size": [64, 96], "style_weight": list(LOSSES)}, losses=by_weight)

    def numbers(cell):
        content, style = by_weight(cell)
        return None if cell.settings.size == 64 else {"lpips": content, "style_distance": style}

    store_metrics(grid, numbers)
    _, _, row, _ = written(grid, tmp_path)["Where to look first across recipes, networks and sizes"]
    assert row[2:] == [
        "[size 96 · style weight 10](cells/c/s/size-96_style_weight-10.png)", "1 to 100", "1 to 100"
    ]  # fmt: skip
