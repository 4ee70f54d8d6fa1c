"""Puts the workflow into the package when a wheel is built; everything else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

WORKFLOW = ("Snakefile", "workflow", "profiles")


class BuildWithWorkflow(build_py):
    """Copies what Snakemake reads to nst/packaged, where nst.disk.packaged looks for it."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # there it lies beside the package
            return
        target = Path(self.build_lib, "nst/packaged")
        shutil.rmtree(target, ignore_errors=True)  # of an earlier build
        target.mkdir(parents=True)
        for name in WORKFLOW:
            if Path(name).is_dir():
                unwanted = shutil.ignore_patterns("__pycache__", ".*")
                shutil.copytree(name, target / name, ignore=unwanted)
            else:
                shutil.copy(name, target)


setup(cmdclass={"build_py": BuildWithWorkflow})
