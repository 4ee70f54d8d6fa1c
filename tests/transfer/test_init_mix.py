"""`init_mix`: a start between the content and what `init` says."""

import pytest
import torch

from nst.cli import main
from nst.config.recipes import resolve
from nst.transfer.originals import read_originals

CPU = torch.device("cpu")
INITS = ("noise", "style", "recoloured", "grey", "uniform", "s.png")


def starts(place, **given):
    pictures = {"content": place / "c.png", "style": place / "s.png"}
    if given.get("init", "").endswith(".png"):
        pictures["init"] = place / given["init"]
    settings = resolve({"recipe": "gatys", "size": 48, "scales": 2, "precision": "fp32", **given})
    originals = read_originals(pictures, settings, print)
    return [stage.start for stage in originals.stages(settings, CPU)]


@pytest.mark.parametrize("init", INITS)
def test_the_start_is_the_mean_of_both_with_these_shares(place, init):
    whole = starts(place, init=init)
    content = starts(place, init="content")
    assert all(map(torch.equal, starts(place, init=init, init_mix=0), content))
    assert all(map(torch.equal, starts(place, init=init, init_mix=1), whole))
    for mixed, one, other in zip(starts(place, init=init, init_mix=0.25), whole, content, strict=True):
        torch.testing.assert_close(mixed, 0.25 * one + 0.75 * other)
        assert (mixed - other).abs().max() > 0.01


def test_it_acts_only_without_a_start(place, capsys):
    call = ["transfer", "c.png", "s.png", "--out", "x.png", "--size", "64"]
    assert main([*call, "--start", "c.png", "--init-mix", "0.5"]) == 2
    assert "--init-mix acts only without --start" in capsys.readouterr().err
