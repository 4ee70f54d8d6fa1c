"""What a user reads while a run is under way: few lines, or one that renews itself on a terminal."""

import json
import logging
import os
import pty
import re
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import BIN, draw_picture
from plans import cut_short

from nst.progress import terminal
from nst.progress.job_errors import failures_in
from nst.progress.line import progress_line, read_progress, state_of
from nst.progress.terminal import Terminal
from snakemake_logger_plugin_nst import LogHandler

NOW = time.mktime((2026, 11, 26, 3, 30, 0, 0, 0, -1))
PROGRESS = {
    "state": "running", "pid": os.getpid(), "host": os.uname().nodename, "written": NOW,
    "cells": 250, "to_make": 200, "made": 37, "failed": {"a/b/c": "why"}, "seconds_left": 11400,
    "under_way": [{"id": "d", "evaluation": 5, "of": 80}, {"id": "e", "evaluation": 55, "of": 80}],
}  # fmt: skip
SETTINGS = {"printshellcmds": False, "verbose": False, "debug_dag": False, "quiet": None}


def test_the_line_says_how_far_the_run_is_and_when_it_will_end():
    assert progress_line(PROGRESS, NOW) == (
        "37/200 images, 2 under way (evaluation 55 of 80), 1 failed, 3 h 10 min left, ready about 06:40"
    )


@pytest.mark.parametrize("width", [80, 60, 50, 30, 10])
def test_a_narrow_terminal_loses_the_least_of_the_line(width):
    line = progress_line(PROGRESS, NOW, width)
    assert "37/200 images" in line and "1 failed" in line
    assert width < 30 or len(line) <= width


def test_time_that_has_passed_since_the_file_was_written_is_not_left():
    assert "3 h 0 min left, ready about 06:40" in progress_line(PROGRESS, NOW + 600)
    assert "ready about Fri 05:00" in progress_line({**PROGRESS, "seconds_left": 91800}, NOW)


def test_a_run_whose_process_is_gone_was_killed():
    child = subprocess.Popen(["true"])
    child.wait()
    assert state_of(PROGRESS, NOW) == "running"
    assert state_of({**PROGRESS, "pid": child.pid}, NOW) == "killed"
    assert state_of({**PROGRESS, "host": "other"}, NOW + 60) == "running"
    assert state_of({**PROGRESS, "host": "other"}, NOW + 600) == "killed"
    assert state_of({**PROGRESS, "state": "failed"}, NOW) == "failed"


def test_a_run_of_long_ago_is_not_one_whose_number_another_process_has_now():
    assert state_of(PROGRESS, NOW + 7 * 86400) == "killed"


def test_a_run_that_makes_no_image_says_how_many_are_there():
    progress = {**PROGRESS, "to_make": 0, "made": 0, "failed": {}, "under_way": []}
    assert progress_line({**progress, "there": 248}, NOW) == "no image to make, 248 of 250 are there"
    assert progress_line(progress, NOW) == "no image to make"  # an older version's file


NONSENSE = [
    {"made": None}, {"to_make": "9"}, {"written": "now"}, {"written": 1e300}, {"written": -1},
    {"written": float("nan")}, {"failed": ["a/b/c"]}, {"under_way": 3}, {"under_way": [{}]},
    {"under_way": [{"evaluation": "5", "of": 80}]}, {"seconds_left": [1]}, {"state": 3},
    {"seconds_left": float("inf")}, {"there": "x"},
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "{}",
        '{"state": "running"}',
        *(json.dumps({**PROGRESS, **one}) for one in NONSENSE),
    ],
)
def test_a_file_that_says_nothing_is_no_progress(tmp_path, text):
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(PROGRESS))
    assert read_progress(path) == PROGRESS
    path.write_text(text)
    assert read_progress(tmp_path / "progress.json") is None
    assert read_progress(tmp_path / "no.json") is None


def record(text, level=logging.INFO, **more):
    one = logging.LogRecord("snakemake", level, "x.py", 1, text, (), None)
    vars(one).update(more)
    return one


@pytest.fixture
def heard(capsys):
    """A function (records...) -> what a terminal prints of them."""
    here = Terminal()

    def hear(*records):
        here.attach(SimpleNamespace(**SETTINGS, stdout=False, dryrun=False))
        for one in records:
            here.hear(one)
        return capsys.readouterr().err

    return hear


def test_of_snakemakes_messages_only_errors_are_told(heard):
    started = record("started", event="workflow_started")
    assert heard(started, record("Select jobs to execute..."), record("rule x", event="job_info")) == ""
    assert heard(record("MissingInputException: no.png", logging.ERROR, event="error")) != ""
    assert heard(record("Workflow defines that rule x is odd", logging.WARNING)) != ""
    failed = "RuleException:\nCommand 'x' returned non-zero exit status 130."
    assert heard(record(failed, logging.ERROR, event="error", exception="RuleException")) == ""
    late = (
        "Warning: the following output files of rule gallery were not present when the DAG was created"
    )
    assert heard(record(late, logging.WARNING)) == ""
    stop = record("Will exit after finishing currently running jobs (scheduler).")
    assert heard(stop, stop) == "stopping: the images under way are finished or saved first\n"
    assert heard(record("Exiting because a job execution failed. Look", logging.ERROR)) == ""


def test_a_measuring_job_that_was_stopped_leaves_no_warning_of_snakemakes(heard):
    text = "Restored previous version of results/metrics/c/s.json (updating job failed)."
    assert heard(record(text, logging.WARNING)) == ""


@pytest.mark.parametrize(
    ("rule", "here", "words"),
    [
        ("weights", {}, "getting the weights of vgg16: "),
        ("weights", {"vgg16"}, ""),
        ("metric_weights", {"vgg16"}, "getting the weights of alexnet and lpips: "),
        ("metric_weights", {"vgg16", "alexnet", "lpips"}, ""),
    ],
)
def test_a_download_of_weights_is_told_and_a_link_is_not(capsys, rule, here, words):
    terminal = Terminal()
    terminal.attach(SimpleNamespace(**SETTINGS, stdout=False, dryrun=False))
    terminal.has_weights = here.__contains__
    backbone = {"wildcards": {"backbone": "vgg16"}} if rule == "weights" else {}
    terminal.hear(record("", event="job_info", rule_name=rule, **backbone))
    said = capsys.readouterr().err
    assert said == (f"{words}the first time, a download of minutes\n" if words else "")


def test_what_is_no_run_says_what_it_said(heard):
    assert heard(record("Report created: report.html.")) == "Report created: report.html.\n"
    assert heard(record("Building DAG of jobs...")) == ""


def test_the_reason_of_a_failure_is_told_once_and_a_stop_is_none(heard, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = Path("results/logs/cells/a/b/c.log")
    log.parent.mkdir(parents=True)
    failure = record("x", logging.ERROR, event="job_error", log=[str(log)], rule_name="transfer")
    log.write_text("evaluation 1/2 \nerror: too large\n")
    assert heard(failure, failure) == f"a/b/c failed: too large ({log})\n"
    log.write_text("stopped by you; saved\n")
    assert failures_in(failure) == {}
    log.write_text("evaluation 1/2 \n")
    assert "killed, or out of memory?" in failures_in(failure)["a/b/c"]


def test_lines_come_at_milestones_and_then_ever_more_rarely(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    here, times = Terminal(), []
    for now[0] in range(1, 36000):  # ten hours
        if here._is_due({"made": now[0] // 360, "to_make": 100}):
            times.append(now[0])
    assert 50 < len(times) < 100
    assert [second for second in (360, 9000, 18000, 27000) if second not in times] == []
    assert max(b - a for a, b in pairwise(times)) <= 601


def test_a_run_that_goes_well_says_a_few_lines(project):
    done = project.snakemake(words="few")
    assert done.returncode == 0, done.stderr
    page = project.folder.resolve() / "results/index.html"
    lines = done.stderr.splitlines()
    assert len(lines) <= 6, done.stderr
    assert lines[-1] == f"Look at {page}"
    assert "8 images to make, 2 at a time" in lines
    assert "8 images made, making the sheets and the page" in lines
    assert done.stdout == ""
    (log,) = project.folder.glob(".snakemake/log/*.log")
    assert log.read_text().count("python -m nst transfer") == 8

    again = project.snakemake(words="few")
    assert again.stderr.splitlines()[-2:] == [
        "nothing to be done: all is there and up to date", f"Look at {page}"
    ]  # fmt: skip


@pytest.mark.parametrize("flag", ["-p", "--verbose"])
def test_all_that_snakemake_says_can_be_asked_for(project, flag):
    done = project.snakemake(flag, "results/cells/c1/s1/style_weight-1e4.png", words="few")
    assert "rule transfer:" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Elapsed time") or "Look at" in done.stderr


def test_a_run_without_the_plugin_says_what_snakemake_says(project):
    profile = project.folder / "profiles/default/config.yaml"
    text = profile.read_text()
    assert "snakemake_logger_plugin_nst" in text
    profile.write_text(text.replace("snakemake_logger_plugin_nst", "snakemake_logger_plugin_none"))
    done = project.snakemake("results/cells/c1/s1/style_weight-1e4.png", words="few")
    assert done.returncode == 0, done.stderr
    assert "rule transfer:" in done.stderr


def test_a_failed_cell_is_told_as_it_happens_without_blocks_of_snakemake(project):
    draw_picture(project.folder / "style/s2.png", size=(400, 300), seed=1)
    cut_short(project, "style/s2.png")
    done = project.snakemake(words="few")
    assert done.returncode == 1
    told = re.findall(
        r"^c./s2/\S+ failed: style/s2.png .*\(results/logs/cells/.*\.log\)$", done.stderr, re.M
    )
    assert len(told) == 4
    for word in ("RuleException", "Traceback", "rule transfer", "exit status", "Exiting because"):
        assert word not in done.stderr
    assert len(done.stderr.splitlines()) < 20


def test_the_target_that_was_named_is_looked_at(project):
    picture = "results/cells/c1/s1/style_weight-1e4.png"
    done = project.snakemake(picture, words="few")
    assert done.stderr.splitlines()[-1] == f"Look at {project.folder.resolve() / picture}"


def test_on_a_terminal_one_line_renews_itself(project):
    text = on_a_terminal(project.folder, "--cores", "1")
    assert re.search(r"\r\x1b\[K[1-7]/8 images", text)
    assert text.splitlines()[-1].endswith(
        "Look at " + str(project.folder.resolve() / "results/index.html")
    )
    assert "\x1b[3" not in text  # no colours


def on_a_terminal(folder, *arguments):
    """What Snakemake writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    os.set_inheritable(theirs, True)
    process = subprocess.Popen(
        [BIN / "snakemake", *arguments], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "NST_GPUS": "", "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    text = b""
    while True:
        try:
            text += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    assert process.wait() == 0, text
    return text.decode()


def test_the_watcher_is_told_of_each_failure(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = Path("results/logs/cells/a/b/c.log")
    log.parent.mkdir(parents=True)
    log.write_text("evaluation 1/2 \n")
    here, names = Terminal(), []
    here.when_failed = names.append
    failure = record("x", logging.ERROR, event="job_error", log=[str(log)], rule_name="transfer")
    here.hear(failure)
    here.hear(failure)  # of a second try
    assert names == ["a/b/c", "a/b/c"]


def test_a_plugin_that_was_not_loaded_to_the_end_can_be_closed():
    handler = LogHandler.__new__(LogHandler)
    logging.Handler.__init__(handler)
    handler.close()
