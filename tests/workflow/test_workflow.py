"""Whole runs: what a user sees, when all goes well and when a cell fails."""

import json
import re

import pandas
import pytest
from conftest import draw_picture
from PIL import Image
from plans import cut_short

from nst.results.metrics import METRICS

TWO_GPUS = {"NST_GPUS": "a,b", "NST_PRETEND_GPUS": "1"}


def cell_logs(project):
    """What the jobs of the eight cells have said."""
    logs = [path.read_text() for path in project.folder.glob("results/logs/cells/*/*/*.log")]
    assert len(logs) == 8
    return logs


def test_a_failed_cell_is_named_with_its_reason_and_the_others_go_on(project):
    draw_picture(project.folder / "style/s2.png", size=(400, 300), seed=1)
    cut_short(project, "style/s2.png")
    done = project.snakemake()
    assert done.returncode == 1
    assert "4 of 8 images failed:" in done.stderr
    assert "c1/s2/style_weight-1e4: style/s2.png is damaged or cut short" in done.stderr
    assert "4 of 8 images remain to be made: fix what is named above" in done.stderr
    assert "Traceback" not in done.stderr
    made = sorted(p.parent.name for p in project.folder.glob("results/cells/*/*/*.png"))
    assert made == ["s1"] * 4
    table = pandas.read_csv(project.folder / "results/losses.csv")
    assert list(table.outcome) == ["completed", "completed", "failed", "failed"] * 2
    assert "4 of 8 images" in (project.folder / "results/index.html").read_text()

    draw_picture(project.folder / "style/s2.png", seed=1)  # mended: only what is missing is made
    again = project.snakemake()
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("rule transfer:") == 4
    table = pandas.read_csv(project.folder / "results/losses.csv")
    assert len(table) == 8
    assert list(table.columns) == [
        "content", "style", "style_weight", "recipe", "content_loss", "style_loss", "tv_loss",
        "weighted_content", "weighted_style", "weighted_tv", "total_loss", *METRICS, "size",
        "backbone", "seed", "made_evaluations", "outcome", "seconds", "made_on", "image",
    ]  # fmt: skip
    assert list(table.style_weight[:2]) == [1e4, 1e5]
    for row in table.itertuples():
        record = json.loads((project.folder / row.image).with_suffix(".json").read_text())
        assert row.total_loss == pytest.approx(record["losses"]["total"], rel=1e-5)
        assert (row.made_evaluations, row.outcome, row.made_on) == (2, "completed", "cpu")
        assert record["settings"]["style_weight"] == row.style_weight
        trace = pandas.read_csv((project.folder / row.image).with_suffix(".csv"))
        assert list(trace.columns) == ["evaluation", "total", "content", "style", "tv", "seconds"]
        assert list(trace.evaluation) == [1, 2]
    log = (project.folder / "results/logs/cells/c1/s1/style_weight-1e4.log").read_text()
    assert "evaluation 2/2  total" in log
    page = (project.folder / "results/index.html").read_text()
    assert "8 images" in page


def test_odd_paths_and_every_kind_of_axis(project):
    """Paths with blanks and quotes; a list, a file and a recipe as values of axes."""
    odd = draw_picture(project.folder / "my 'odd' pictures/ä $(b).png", seed=7)
    config = project.config
    config["content"] = {"odd": str(odd.relative_to(project.folder))}
    config["style"] = "style/s[12].png"
    config["grid"] = {
        "style_layers": [["conv1"], {"conv1": 0.5}],
        "init": ["noise", str(odd.relative_to(project.folder))],
    }
    del config["settings"]["style_layers"]
    project.configure(config)
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    cells = sorted(p.name for p in project.folder.glob("results/cells/odd/s1/*.png"))
    assert len(cells) == 4
    assert cells[0].startswith("style_layers-conv1=0.5_init-")
    assert project.snakemake("--dry-run").stdout.count("rule transfer") == 0
    draw_picture(odd, seed=8)  # the content of all, and the start of half of them
    assert "transfer        8" in project.snakemake("--dry-run").stdout


def test_a_second_config_stands_instead_of_the_first_and_config_lies_over_both(project):
    (project.folder / "other.yaml").write_text((project.folder / "config.yaml").read_text())
    config = project.config
    config["content"] = {"c2": "content/c2.png"}
    (project.folder / "config.yaml").write_text("nonsense: [")
    (project.folder / "other.yaml").write_text(json.dumps(config))
    done = project.snakemake(
        "--configfile", "other.yaml", "--config", "grid={style_weight: [7]}", "settings={size: 20}"
    )
    assert done.returncode == 0, done.stderr
    cells = sorted(project.folder.glob("results/cells/*/*/*.png"))
    assert [str(c.relative_to(project.folder / "results/cells")) for c in cells] == [
        "c2/s1/style_weight-7.png",
        "c2/s2/style_weight-7.png",
    ]
    with Image.open(cells[0]) as picture:
        assert picture.size == (20, 13)


def test_a_run_that_was_told_nothing_of_gpus_uses_none(project):
    done = project.snakemake("--dry-run", "results/cells/c1/s1/style_weight-1e4.png")
    assert "gpu=0" in done.stdout
    pretended = project.snakemake("--dry-run", "results/cells/c1/s1/style_weight-1e4.png", env=TWO_GPUS)
    assert "gpu=1" in pretended.stdout


def test_every_job_says_which_gpu_it_was_assigned(project):
    done = project.snakemake("--cores", "4", "--resources", "gpu=2", env=TWO_GPUS)
    assert done.returncode == 0, done.stderr
    for log in cell_logs(project):
        assert ("GPU a assigned" in log) != ("GPU b assigned" in log)


@pytest.mark.parametrize(("slots", "limit"), [("1", 2), ("2", 4)])
def test_a_run_without_limits_starts_no_more_gpu_jobs_than_there_are_slots(project, slots, limit):
    done = project.snakemake("--cores", "8", env={**TWO_GPUS, "NST_GPU_SLOTS": slots})
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Execute (\d+) jobs", done.stderr, re.MULTILINE)[1] == str(limit)
    assert not any("waiting for one of the GPUs" in log for log in cell_logs(project))


@pytest.mark.parametrize(
    ("arguments", "env", "jobs"),
    [
        (["--cores", "8"], {}, "8"),
        (["--cores", "3"], {}, "3"),
        (["--cores", "8", "results/cells/c1/s1/style_weight-1e4.png"], {}, "1"),
        (["--cores", "8", "--resources", "gpu=4"], TWO_GPUS, "2"),
        (["--cores", "8", "--set-threads", "transfer=4"], {}, "2"),
        (["--cores", "8"], {"NST_JOBS_AT_ONCE": "5"}, "5"),
    ],
)
def test_jobs_are_told_how_many_share_the_memory(project, arguments, env, jobs):
    rule = project.folder / "workflow/rules/cells.smk"
    told = "echo told $NST_JOBS_AT_ONCE >&2; false\n        python -m nst transfer"
    rule.write_text(rule.read_text().replace("python -m nst transfer", told))
    done = project.snakemake(*arguments, env=env)
    assert set(re.findall(r"^told (\d*)$", done.stderr, re.MULTILINE)) == {jobs}


def test_the_next_job_is_chosen_among_a_few_and_once_for_each_that_ends(project):
    """Snakemake looks at every input of all it chooses among; left alone, many times a job."""
    done = project.snakemake("--cores", "1", "--verbose", "--scheduler-subsample", "4")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Ready jobs: (\d+)", done.stderr, re.MULTILINE)[1] == "4"
    jobs = done.stderr.count("\nrule ") + done.stderr.count("\nlocalrule ")
    assert jobs == 8 + 4 + 4 + 1  # cells, sheets, the other aggregates, all
    assert done.stderr.count("Resources before job selection") <= jobs + 1


def test_modules_of_the_user_do_not_hide_pythons(finished):
    (finished.folder / "results/cells/c1/s1/style_weight-1e4.png").unlink()
    for name in ("copy", "random", "queue", "torch"):
        (finished.folder / f"{name}.py").write_text("raise SystemExit('a module of the user')\n")
    done = finished.snakemake()
    assert done.returncode == 0, done.stderr
    assert "a module of the user" not in done.stderr
