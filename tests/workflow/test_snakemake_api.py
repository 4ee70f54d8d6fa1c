"""What is taken from Snakemake undocumented: found where it is, and done without where it is not."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT

from nst.workflow import snakemake_api

THREAD = """
import sys, threading
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.settings.types import DAGSettings, OutputSettings, ResourceSettings

def run():
    with SnakemakeApi(OutputSettings(quiet=set())) as api:
        cores, sheet = ResourceSettings(cores=1), "results/sheets/all_style_weight-1e4.png"
        workflow = api.workflow(resource_settings=cores, snakefile=Path("Snakefile"))
        dag = workflow.dag(dag_settings=DAGSettings(targets={sheet}))
        dag.execute_workflow(executor="dryrun")
    done.append(True)

done = []
thread = threading.Thread(target=run)
thread.start()
thread.join()
sys.exit(not done)
"""

ON_START = """
onstart:
    from nst.workflow import snakemake_api as api
    QUESTIONS = api.is_dry_run, api.is_touch, api.is_submitted, api.submits_jobs
    answers = [ask(workflow) for ask in QUESTIONS]
    settings = workflow.execution_settings, workflow.scheduling_settings
    names = hasattr(settings[0], "keep_going"), hasattr(settings[1], "max_jobs_per_timespan")
    print("names", len(api.job_threads(workflow, "transfer")), answers, api.targets(workflow), names)
    print("more", api.resource_limit(workflow, "gpu"), workflow.configfiles, list(RUN.overlay))
"""


def workflow_with(**parts):
    """What stands in for Snakemake's workflow."""
    return SimpleNamespace(config={"size": 9}, **parts)


def test_a_snakemake_without_the_names_runs_the_workflow():
    workflow = workflow_with()
    assert snakemake_api.config_files(workflow) == ["config.yaml"]
    assert snakemake_api.config_overlay(workflow) == {"size": 9}
    assert snakemake_api.targets(workflow) == set()
    assert snakemake_api.job_threads(workflow, "transfer") is None
    snakemake_api.expect(workflow, Path("results/index.html"))
    assert snakemake_api.resource_limit(workflow, "gpu") is None
    for question in ("is_dry_run", "is_touch", "is_submitted", "submits_jobs", "was_told_to_stop"):
        assert getattr(snakemake_api, question)(workflow) is False
    snakemake_api.limit_resource(workflow, "gpu", 2)
    snakemake_api.forget(workflow, Path("x"))
    snakemake_api.keep_going_in_group(workflow)
    snakemake_api.lift_default_job_rate(workflow)
    snakemake_api.name_config_files(workflow, ["config.yaml"])
    assert vars(workflow) == {"config": {"size": 9}}


@pytest.mark.parametrize("limit", [3, SimpleNamespace(value=3)], ids=["a number", "an object"])
def test_the_limit_of_a_resource_is_a_number(limit):
    workflow = workflow_with(global_resources={"gpu": limit})
    assert snakemake_api.resource_limit(workflow, "gpu") == 3


@pytest.mark.parametrize(
    ("jobs", "seconds", "lifted"), [(100, 1, True), (100, 60, False), (7, 1, False)]
)
def test_the_users_own_job_rate_is_kept(jobs, seconds, lifted):
    rate = SimpleNamespace(max_jobs=jobs, timespan=seconds)
    workflow = workflow_with(scheduling_settings=SimpleNamespace(max_jobs_per_timespan=rate))
    snakemake_api.lift_default_job_rate(workflow)
    assert workflow.scheduling_settings.max_jobs_per_timespan is (None if lifted else rate)


def test_only_a_submitted_group_goes_on_after_a_failure():
    for submitted in (False, True):
        settings = SimpleNamespace(keep_going=False)
        workflow = workflow_with(execution_settings=settings, remote_exec=submitted)
        snakemake_api.keep_going_in_group(workflow)
        assert settings.keep_going is submitted


def test_this_snakemake_has_all_the_names(project):
    """Or tests of what is lost without them would pass by the fallbacks."""
    with (project.folder / "Snakefile").open("a") as snakefile:
        snakefile.write(ON_START)
    done = project.snakemake("--resources", "gpu=3", "--config", "settings={size: 17}", "--", "all")
    assert done.returncode == 0, done.stderr
    assert "names 8 [False, False, False, False] {'all'} (True, True)\n" in done.stdout
    assert "more 3 ['config.yaml'] ['settings']\n" in done.stdout


def test_the_workflow_runs_in_a_thread(project):
    """Through Snakemake's API, as a server would: Python sets no signal handler there."""
    done = subprocess.run(
        [sys.executable, "-c", THREAD], cwd=project.folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "rule transfer" in done.stdout + done.stderr


def test_the_oldest_version_is_claimed_alike():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (bound,) = re.findall(r"snakemake\S*>=([\d.]+)", " ".join(project["dependencies"]))
    assert f'min_version("{bound}")' in (ROOT / "workflow/nst.smk").read_text()


def test_only_one_module_touches_what_is_private():
    """Of `workflow`, only `cores` and `basedir` are documented."""
    private = re.compile(r"(?<!nst\.)\bworkflow\.(?!cores\b|basedir\b|rst\b)\w+|sys\.argv")
    files = [ROOT / "Snakefile", *(ROOT / "workflow").rglob("*.smk"), *(ROOT / "nst").rglob("*.py")]
    exempt = ("snakemake_api.py", "snakemake_module.py", "preload_server.py", "__main__.py")
    exempt += ("arguments.py", "cli.py")  # whose words are those of nst itself
    uses = {p.name: private.findall(p.read_text()) for p in files if p.name not in exempt}
    assert {name: found for name, found in uses.items() if found} == {}
