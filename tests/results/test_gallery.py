"""The page of a grid and the files beside it, without a browser."""

import json
import re
import shlex

import pytest
import yaml
from conftest import draw_picture
from grids import build_grid, made_record, write_trace
from measuring import store_metrics
from PIL import Image

from nst.cli import parser
from nst.disk.film import LONGEST_SIDE
from nst.disk.record import record_bytes
from nst.results import previews
from nst.results.cell_command import command, config
from nst.results.curve_svg import size_of
from nst.results.curves import write_curves
from nst.results.gallery import gallery_files, write_gallery
from nst.results.page_paths import pair_figure
from nst.results.sheet import write_sheet
from nst.results.sheet_plan import plan

WEIGHTS = [1, 10, 100]


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function (contents, styles, axes, ...) -> a grid whose cells and sheets are on disk."""
    monkeypatch.chdir(tmp_path)

    def build(*parts, **options):
        grid = build_grid(tmp_path, *parts, **options)
        for name in plan(grid):
            write_sheet(grid, name, tmp_path / f"results/sheets/{name}.png")
        return grid

    return build


@pytest.fixture
def write(tmp_path):
    """A function (grid) -> the data of its page, once it is written."""

    def page_data(grid):
        write_gallery(grid, tmp_path / "results/index.html")
        page = (tmp_path / "results/index.html").read_text()
        return json.loads(
            re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1]
        )

    return page_data


def inodes(folder, pattern):
    return {
        path.relative_to(folder).as_posix(): path.stat().st_ino
        for path in folder.glob(pattern)
        if path.is_file()
    }


def changed(before, after):
    assert set(before) == set(after)
    return {name for name in before if before[name] != after[name]}


def pair_of(folder, name):
    """What the script of a pair hands the page."""
    script = (folder / f"results/gallery/pairs/{name}.js").read_text()
    return json.loads(re.fullmatch(r"nst\.received\((.*)\);\n", script)[1])


def test_the_page_shows_every_cell_and_sheet_by_links_that_work(make, write, tmp_path):
    grid = make(["a"], ["s", "t"], {"style_weight": [1, 10]})
    (tmp_path / "results/losses.csv").touch()
    data = write(grid)
    page = (tmp_path / "results/index.html").read_text()
    links = set(re.findall(r'(?:src|href)="([^"#]+)"', page)) - {"data:,", "summary.md"}
    links |= {original["picture"] for original in data["contents"] + data["styles"]}
    for link in links:
        assert not link.startswith(("http", "/", "file")), link
        assert (tmp_path / "results" / link).is_file(), link
    assert [cell["id"] for cell in data["cells"]] == [cell.id for cell in grid.cells]
    assert {f"sheets/{name}.png" for name in plan(grid)} <= links
    for cell in grid.cells:
        assert (tmp_path / f"results/gallery/cells/{cell.id}.webp").is_file()
        assert cell.id in pair_of(tmp_path, f"a/{cell.style}")["cells"]


@pytest.mark.parametrize(
    ("axes", "line"),
    [
        ({"style_weight": WEIGHTS}, "2 contents &times; 1 style &times; 3 style weights;"),
        ({"evaluations": [1, 2], "seed": [0]}, "2 contents &times; 1 style &times; 2 evaluations;"),
        ({}, "2 contents &times; 1 style;"),
    ],
)
def test_the_page_says_what_is_in_the_grid(make, write, tmp_path, axes, line):
    write(make(["a", "b"], ["s"], axes))
    assert line in (tmp_path / "results/index.html").read_text()


def test_what_comes_from_outside_is_escaped_in_the_page(make, write, tmp_path):
    evil = "<script>alert(1)</script>"
    grid = make(["a"], ["s"], {})
    record = made_record(grid.cells[0], device=evil, outcome=evil)
    grid.cells[0].file(".json").write_bytes(record_bytes(record))
    data = write(grid)
    assert evil not in (tmp_path / "results/index.html").read_text()
    assert data["cells"][0]["device"] == evil


def test_the_files_beside_the_page_are_known_before_it_is_written(make, write, tmp_path):
    grid = make(["a", "b"], ["s", "t"], {"style_weight": WEIGHTS, "seed": [1, 2]})
    known = {path.relative_to("results").as_posix() for path in gallery_files(grid)}
    write(grid)
    found = {
        name
        for part in ("gallery", "films", "drawn")
        for name in inodes(tmp_path / "results", f"{part}/**/*")
    }
    made = {f"{part}/.made.json" for part in ("gallery", "films", "drawn")}
    assert found - known == {"gallery/.live.lock", *made}
    assert known <= found


def test_a_walk_of_three_weights_is_a_film(make, write, tmp_path):
    grid = make(["a", "b"], ["s"], {"style_weight": WEIGHTS}, size=(600, 40))
    films = write(grid)["films"]
    assert films == {f"{n},0,0": f"films/{c}/s/by_style_weight.webp" for n, c in enumerate("ab")}
    for link in films.values():
        with Image.open(tmp_path / "results" / link) as film:
            assert film.n_frames == 3 and film.size == (LONGEST_SIDE, 32)


def test_a_film_is_rebuilt_only_with_one_of_its_images(make, write, tmp_path):
    grid = make(["a", "b"], ["s"], {"style_weight": WEIGHTS})
    write(grid)
    before = inodes(tmp_path / "results", "*/**/*.webp")
    write(grid)
    assert inodes(tmp_path / "results", "*/**/*.webp") == before
    draw_picture(tmp_path / grid.by_id["b/s/style_weight-10"].file(".png"), (24, 16), seed=77)
    write(grid)
    assert changed(before, inodes(tmp_path / "results", "*/**/*.webp")) == {
        "films/b/s/by_style_weight.webp", "gallery/cells/b/s/style_weight-10.webp",
    }  # fmt: skip


@pytest.mark.parametrize("axes", [{}, {"style_weight": [1, 10]}, {"style_weight": [1], "seed": [3, 4]}])
def test_fewer_than_three_values_make_no_film(make, write, tmp_path, axes):
    assert write(make(["a"], ["s"], axes))["films"] == {}
    assert inodes(tmp_path / "results", "films/**/*.webp") == {}


def test_every_combination_of_the_other_axes_is_a_film_of_its_own(make, write, tmp_path):
    grid = make(["a"], ["s"], {"seed": [7, 8], "style_weight": WEIGHTS, "content_weight": [2]})
    films = write(grid)["films"]
    assert films == {
        f"0,0,{n},0,0": f"films/a/s/by_style_weight_seed-{seed}_content_weight-2.webp"
        for n, seed in enumerate((7, 8))
    }
    assert set(inodes(tmp_path / "results", "films/**/*.webp")) == set(films.values())


def test_the_frames_of_a_film_are_shrunk_before_it_is_encoded(make, write, monkeypatch):
    seen = []
    real = previews.film_bytes
    monkeypatch.setattr(previews, "film_bytes", lambda f, *more: seen.extend(f) or real(f, *more))
    write(make(["a"], ["s"], {"style_weight": WEIGHTS}, size=(600, 40)))
    assert [max(frame.size) for frame in seen] == [LONGEST_SIDE] * 3


def test_a_pair_says_how_large_its_figure_is(make, write, tmp_path):
    grid = make(["a"], ["s"], {"style_weight": WEIGHTS})
    record = made_record(grid.cells[0]).settings
    layers = {kind: dict.fromkeys(record[f"{kind}_layers"], 1.0) for kind in ("content", "style")}
    for cell in grid.cells:
        cell.file(".json").write_bytes(record_bytes(made_record(cell, terms=layers)))
    write(grid)
    assert pair_of(tmp_path, "a/s")["figure"] is None
    write_curves(grid)
    write(grid)
    assert pair_of(tmp_path, "a/s")["figure"] == list(size_of(pair_figure("a", "s")))


def test_a_pairs_script_is_written_again_with_a_trace_or_a_record(make, write, tmp_path):
    grid = make(["a"], ["s", "t"], {})
    first, second = grid.cells
    write(grid)
    before = inodes(tmp_path, "results/gallery/pairs/**/*.js")
    write_trace(first, [(9, 9), (8, 8)])
    write(grid)
    after = inodes(tmp_path, "results/gallery/pairs/**/*.js")
    assert changed(before, after) == {"results/gallery/pairs/a/s.js"}
    curve = pair_of(tmp_path, "a/s")["cells"][first.id]["curve"]
    assert [line["y"] for line in curve["lines"] if line["name"] == "content"] == [[9, 8]]
    second.file(".json").write_bytes(record_bytes(made_record(second, seconds=3.0)))
    write(grid)
    assert changed(after, inodes(tmp_path, "results/gallery/pairs/**/*.js")) == {
        "results/gallery/pairs/a/t.js"
    }


EXECUTIONS = {
    "auto": ({}, {"precision": "bf16", "device": "cpu", "tile": "none"}),
    "named": ({"precision": ["fp32"]}, {"precision": "fp32", "device": "cuda", "tile": "auto"}),
    "by tiles": ({"seed": [5]}, {"precision": "fp32", "device": "cpu", "tile": 256}),
}


@pytest.mark.parametrize("case", EXECUTIONS)
def test_the_command_and_the_config_repeat_the_execution(make, tmp_path, case):
    axes, execution = EXECUTIONS[case]
    grid = make(["a"], ["s"], axes)
    (cell,) = grid.cells
    record = made_record(cell, settings={**cell.settings.as_json(), **execution})
    words = shlex.split(command(grid, cell, record))
    flags = [word for word in words if word.startswith("--")]
    assert len(flags) == len(set(flags))
    asked = vars(parser().parse_args(words[1:]))
    settings = yaml.safe_load(config(grid, cell, record))["settings"]
    for name in ("precision", "device"):
        assert settings[name] == execution[name] == asked[name]
    assert settings.get("tile") == (256 if case == "by tiles" else None)
    assert asked.get("tile") == ("256" if case == "by tiles" else None)


def test_cells_have_the_metrics_of_their_image_in_the_tables_digits(make, write):
    grid = make(["a"], ["s"], {"style_weight": [1, 10]})
    exact = {"lpips": 1 / 3, "ssim": -1 / 3, "style_distance": 1e5 / 3, "colour_distance": 0.0}
    store_metrics(grid, lambda cell: exact if cell is grid.cells[0] else None)
    first, second = write(grid)["cells"]
    assert first["metrics"] == {
        "lpips": 0.333333, "ssim": -0.333333, "style_distance": 33333.3, "colour_distance": 0.0
    }  # fmt: skip
    assert "metrics" not in second


@pytest.mark.parametrize(
    ("axes", "overrides", "varied"),
    [
        ({"style_weight": [1, 10]}, {}, False),
        ({"recipe": ["gatys", "crowson"]}, {}, True),
        ({"backbone": ["vgg16", "alexnet"]}, {}, True),
        ({"style_weight": [1]}, {"content": {"b": {"size": 96}}}, True),
    ],
)
def test_the_page_knows_whether_images_are_of_several_recipes_networks_or_sizes(
    make, write, axes, overrides, varied
):
    assert write(make(["a", "b"], ["s"], axes, overrides=overrides))["varied"] == varied
