"""Numbers that are none, at any evaluation: the last good image is kept, and the record says so."""

import math
from dataclasses import replace

import pytest
import torch
from networks import load_backbone, picture, settings

from nst.cli import main
from nst.disk.record import read_record, read_trace
from nst.engine import stages as engine
from nst.engine.image_losses import Losses
from nst.engine.objective import Objective, Style
from nst.errors import NstError
from nst.transfer import final_losses

MANY = 12  # evaluations: more than it takes to give up
WHEN = {  # the number of an evaluation, from 1 -> whether it fails
    "second": lambda n: n == 2,
    "middle": lambda n: n == MANY // 2,
    "last but one": lambda n: n == MANY - 1,
    "last": lambda n: n == MANY,
    "from the third on": lambda n: n >= 3,
    "every other one": lambda n: n % 2 == 0,
}
LAYERS = {"content_layers": {"conv1_1": 1.0}, "style_layers": {"conv1_1": 1.0}, "style_weight": 1e3}
RESULTS = ("best", "last_evaluated", "final_iterate", "average")
ADAM = {"optimizer": "adam", "learning_rate": 0.02}
OPTIMIZERS = {
    "lbfgs": {},
    "unguarded": {"line_search": "none", "parametrization": "pixels"},
    "adam": {**ADAM, "parametrization": "clamped"},
}


class _Poisoned(torch.autograd.Function):
    """An image as it is, with a gradient that is no number."""

    @staticmethod
    def forward(ctx, image, value):
        ctx.value = value
        return image.clone()

    @staticmethod
    def backward(ctx, gradient):
        gradient = gradient.clone()
        gradient[..., 3, 3] = ctx.value  # one pixel is enough
        return gradient, None


def loss_of(value):
    def fail(objective, image):
        losses = objective(image)
        return replace(losses, **{name: getattr(losses, name) * value for name in ("total", "style")})

    return fail


KINDS = {
    "a loss that is no number": loss_of(math.nan),
    "an infinite loss": loss_of(math.inf),
    "a gradient that is no number": lambda objective, image: objective(
        _Poisoned.apply(image, math.nan)
    ),
    "an infinite gradient": lambda objective, image: objective(_Poisoned.apply(image, -math.inf)),
}


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return seeded_weights("vgg16", {"conv1_1"})


class Near:
    """An objective without a network, which is soon evaluated: how near an image is to the style."""

    def __init__(self, backbone, settings, content, styles, mask, regions):
        self.style = styles[0].picture

    def __call__(self, image):
        uneven = torch.linspace(0.01, 1, image.shape[-1])  # or the first steps would find the end
        total, none = (uneven * (image - self.style).square()).mean(), torch.zeros(())
        return Losses(total, none, total, none, {})


@pytest.fixture
def failing(monkeypatch):
    """A function (kind, when) that lets evaluations of the engine fail; it gives the good images."""

    def inject(kind, when, objective=Near):
        good, count = [], [0]

        class Failing(objective):
            def __call__(self, image):
                count[0] += 1
                if when(count[0]):
                    return KINDS[kind](super().__call__, image)
                losses = super().__call__(image)
                good.append((float(losses.total.detach()), image.detach().clone()))
                return losses

        monkeypatch.setattr(engine, "Objective", Failing)
        return good

    return inject


def run(chosen, backbone=None):
    return engine.optimize(backbone, chosen, stages(chosen))


def stages(chosen):
    """Tiny ones: as many as the settings have scales, the last one of 20 x 16 pixels."""
    sizes = [(8, 10), (16, 20)][-chosen.scales :]
    return [
        engine.Stage(picture(1, *size), (Style(picture(2, *size)),), picture(1, *size), MANY)
        for size in sizes
    ]


def is_an_image(image):
    return bool(torch.isfinite(image).all()) and float(image.std()) > 0.05


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_image_is_a_good_one_whenever_it_fails(failing, optimizer, kind):
    for name, when in WHEN.items():
        for result in RESULTS:
            chosen = settings(
                evaluations=MANY, scales=1, result=result, **{**LAYERS, **OPTIMIZERS[optimizer]}
            )
            good = failing(kind, when)
            made = run(chosen)
            assert is_an_image(made.image), (name, result)
            gave_up = name in ("from the third on", "every other one")
            assert (made.outcome == "diverged") == (gave_up or (name == "last" and result != "best"))
            if result == "best" or made.outcome == "diverged":
                best = min(good, key=lambda pair: pair[0])[1]
                torch.testing.assert_close(made.image, best.clamp(0, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_by_tiles_it_is_no_other(weights, failing, kind):
    chosen = replace(settings(evaluations=4, scales=1, result="average", **LAYERS), tile=12)
    good = failing(kind, lambda number: number == 2, Objective)
    made = run(chosen, load_backbone(chosen, weights, "fp32", torch.device("cpu")))
    assert len(good) == MANY - 1 and made.outcome == "completed" and is_an_image(made.image)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_good_at_all_is_refused(failing, kind):
    failing(kind, lambda number: True)
    with pytest.raises(NstError, match="first evaluation is not a finite number: the largest term is"):
        run(settings(evaluations=3, scales=1, **LAYERS))


def test_a_weight_that_is_too_large_is_named(weights):
    huge = {**LAYERS, "style_weight": 1e15, "feature_scale": 1e12, "gram": "none"}
    chosen = settings(evaluations=3, scales=1, **huge)
    with pytest.raises(NstError) as error:
        run(chosen, load_backbone(chosen, weights, "fp32", torch.device("cpu")))
    largest = "the largest term is style, inf with style_weight 1e+15; choose a smaller weight"
    assert largest in str(error.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("scale_start", ["residual", "upsampled"])
def test_with_two_scales_any_evaluation_but_the_first_may_fail(failing, optimizer, kind, scale_start):
    for number in range(1, 2 * MANY + 1):
        for result in RESULTS if number in (MANY + 1, 2 * MANY) else RESULTS[:1]:
            given = {**LAYERS, **OPTIMIZERS[optimizer], "result": result, "scale_start": scale_start}
            chosen = settings(evaluations=2 * MANY, scales=2, **given)
            good = failing(kind, lambda n, number=number: n == number)
            if number == 1:
                with pytest.raises(NstError, match="first evaluation is not a finite number"):
                    run(chosen)
                continue
            made = run(chosen)
            assert made.image.shape[-2:] == (16, 20) and is_an_image(made.image), (number, result)
            left = number == MANY + 1  # a start from which nothing can be said to have become better
            assert (made.outcome == "diverged") == (left or (number == 2 * MANY and result != "best"))
            assert made.evaluations == len(good) + 1 == (MANY + 1 if left else 2 * MANY)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_finer_scale_that_cannot_begin_leaves_the_coarser_image(failing, optimizer, kind):
    given = {**LAYERS, **OPTIMIZERS[optimizer], "scale_start": "upsampled", "result": "last_evaluated"}
    chosen = settings(evaluations=2 * MANY, scales=2, **given)
    states = []
    failing(kind, lambda number: number > MANY)
    made = engine.optimize(None, chosen, stages(chosen), on_step=states.append)
    failing(kind, lambda number: False)
    coarse = engine.optimize(None, chosen, stages(chosen)[:1]).image
    enlarged = torch.nn.functional.interpolate(coarse, (16, 20), mode="bicubic").clamp(0, 1)
    assert made.outcome == "diverged" and made.evaluations == MANY + 1
    torch.testing.assert_close(made.image, enlarged, atol=1.1 / 255, rtol=0)  # `encode` keeps 1 off
    for state, done in ((states[MANY - 1], MANY), (states[MANY], MANY + 1)):
        failing(kind, lambda number, done=done: number > MANY - done)
        resumed = engine.optimize(None, chosen, stages(chosen), state=state)
        assert (resumed.outcome, resumed.evaluations) == ("diverged", MANY + 1)
        assert torch.equal(resumed.image, made.image)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("result", RESULTS)
def test_a_coarse_scale_that_gave_up_does_not_spoil_the_finer_one(failing, kind, result):
    given = {**LAYERS, **ADAM, "parametrization": "clamped", "carry": "moments"}
    chosen = settings(evaluations=2 * MANY, scales=2, result=result, scale_start="upsampled", **given)
    failing(kind, lambda number: 2 < number <= 8)  # after the eighth the coarse scale gives up
    made = run(chosen)
    assert made.outcome == "diverged"  # it stays said, though the finer scale did all it should
    assert is_an_image(made.image)


def command(weights, *options):
    return main(
        [
            *("transfer", "c.png", "s.png", "--out", "x.png", "--record", "x.json", "--trace", "x.csv"),
            *("--recipe", "gatys", "--backbone", "vgg16"),
            *("--content-layers", "conv1_1", "--style-layers", "conv1_1"),
            *("--weights", str(weights), "--size", "32", "--evaluations", str(MANY), "--scales", "1"),
            *options,
        ]
    )


def test_the_record_says_how_it_ended_and_the_trace_where(place, weights, failing, capfd):
    failing("a loss that is no number", WHEN["from the third on"], Objective)
    assert command(weights) == 0
    record, trace = read_record(place / "x.json"), read_trace(place / "x.csv")
    assert record.outcome == "diverged" and record.evaluations == 8
    assert [math.isnan(total) for total in trace["total"]] == [False, False] + [True] * 6
    assert all(map(math.isfinite, record.losses.values()))
    assert "outcome: diverged: the losses grew without bound" in capfd.readouterr().err


def test_final_losses_that_are_no_numbers_are_one_line(place, weights, monkeypatch, capfd):
    class Failing(Objective):
        def __call__(self, image):
            return KINDS["a loss that is no number"](super().__call__, image)

    monkeypatch.setattr(final_losses, "Objective", Failing)
    assert command(weights) == 2
    errors = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert (
        len(errors) == 1
        and "the final losses are not finite numbers: the largest term is style, nan with" in errors[0]
    )
    assert sorted(path.name for path in place.iterdir()) == ["c.png", "s.png"]


def test_the_image_that_is_tested_for_is_not_any():
    assert is_an_image(picture(1))
    assert not is_an_image(torch.zeros(1, 3, 8, 8)) and not is_an_image(picture(1) * math.nan)
