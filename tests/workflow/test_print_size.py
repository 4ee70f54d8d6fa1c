"""Prints that are larger than memory or disk allow are refused with what would fit."""

import re
from types import SimpleNamespace

import pytest
from conftest import draw_picture

from nst.config.grid import expand
from nst.errors import NstError
from nst.workflow import print_size
from nst.workflow.print_size import refuse_too_large

SIZE = 2048
GIB = 2**30


@pytest.fixture
def refuse(place, monkeypatch):
    """A function (free memory, free disk, prints at once, on the CPU?) that refuses two prints."""
    draw_picture(place / "c.png", (64, 48))
    config = {
        "content": {"c": "c.png"},
        "style": {"s": "s.png"},
        "grid": {"style_weight": [1, 2]},
        "settings": {"backbone": "alexnet", "size": 64, "precision": "fp32"},
        "prints": {"settings": {"size": SIZE}, "cells": ["c/s/style_weight-1", "c/s/style_weight-2"]},
    }

    def call(memory=64 * GIB, disk=64 * GIB, at_once=1, on_cpu=True):
        prints = expand([], config).of_prints
        monkeypatch.setattr(print_size, "free_main_memory", lambda: memory)
        usage = SimpleNamespace(free=disk)
        monkeypatch.setattr(print_size.shutil, "disk_usage", lambda path: usage)
        refuse_too_large(prints, prints.cells, prints.cells if on_cpu else [], at_once)

    return call


def test_prints_that_fit_are_let_pass(refuse):
    refuse()


def test_a_print_that_memory_does_not_hold_is_refused_with_the_size_that_it_does(refuse):
    with pytest.raises(NstError) as error:
        refuse(memory=2 * GIB)
    found = re.search(
        r"prints.settings: a print of 2048 pixels takes more memory, even in tiles, than the 2.0 GiB"
        r" that are free: choose a size up to (\d+)$",
        str(error.value),
    )
    assert found, error.value
    assert 512 < int(found[1]) < SIZE
    refuse(memory=2 * GIB, on_cpu=False)  # where a GPU's memory counts


def test_two_at_a_time_share_the_memory(refuse):
    refuse(memory=12 * GIB)
    with pytest.raises(
        NstError, match=r"its share of 2 at a time: .* make fewer at a time: --set-threads"
    ):
        refuse(memory=4 * GIB, at_once=2)


def test_prints_that_the_disk_does_not_hold_are_refused(refuse):
    with pytest.raises(NstError, match=r"2 prints may take .* of disk, .*; 3 MB are free: free some"):
        refuse(disk=3e6)
