"""The objective, the parametrizations and the loop."""

import math

import pytest
import torch
from networks import CPU, backbone, load_backbone, picture, settings, stages
from torch.nn import functional

from nst.disk.record import OUTCOMES
from nst.engine.objective import Objective, Style
from nst.engine.parametrization import PARAMETRIZATIONS
from nst.engine.stages import optimize
from nst.errors import NstError

# How near the losses of the first two evaluations are to those of fp32 on the CPU.
NEAR = {"fp32": 1e-4, "tf32": 5e-3, "bf16": 2e-2}


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return seeded_weights("vgg16", {"conv2_2"})


def run(weights, chosen, start=None, precision="fp32", **callback):
    return optimize(backbone(weights, chosen, precision), chosen, stages(chosen, start), **callback)


def naive_total(weights, chosen, image, content, style):
    """The objective straight from its formula, on torchvision's network."""
    from test_backbone import torchvision_features

    f, p, a = (torchvision_features("vgg16", weights, x, "conv2_2") for x in (image, content, style))
    total = chosen.content_weight * ((f["conv2_2"] - p["conv2_2"]) ** 2).mean()
    for name, share in chosen.style_layers.items():
        channels, height, width = f[name].shape[1:]
        g = (
            f[name].reshape(channels, -1)
            @ f[name].reshape(channels, -1).T
            / (channels * height * width)
        )
        n = a[name].shape[2] * a[name].shape[3]
        t = a[name].reshape(channels, -1) @ a[name].reshape(channels, -1).T / (channels * n)
        total = total + chosen.style_weight * share * ((g - t) ** 2).mean()
    across = (image[..., 1:] - image[..., :-1]) ** 2
    down = (image[..., 1:, :] - image[..., :-1, :]) ** 2
    return total + chosen.tv_weight * (across.mean() + down.mean())


def test_the_objective_and_its_gradient_are_the_formula(weights):
    chosen = settings(style_weight=1e4, content_weight=2.0, tv_weight=3.0)
    content, style = picture(1), picture(2, 32, 30)
    image = picture(3).requires_grad_()
    objective = Objective(backbone(weights, chosen), chosen, content, [Style(style)])
    ours = objective(image)
    naive = naive_total(weights, chosen, image, content, style)
    torch.testing.assert_close(ours.total, naive, rtol=1e-4, atol=0)
    (found,), (expected,) = (torch.autograd.grad(x, image) for x in (ours.total, naive))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5 * float(expected.abs().max()))
    torch.testing.assert_close(ours.content + ours.style + ours.tv, ours.total)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("parametrization", list(PARAMETRIZATIONS))
def test_the_loss_falls_and_every_evaluation_is_reported(weights, optimizer, parametrization):
    rows = []
    adams = {"levels": 5.0, "fourier-decorrelated": 0.05}.get(parametrization, 0.02)
    rate = {"lbfgs": 1.0, "adam": adams}[optimizer]
    chosen = settings(
        evaluations=16, scales=1, optimizer=optimizer, parametrization=parametrization,
        learning_rate=rate, style_weight=1e3,
    )  # fmt: skip
    result = run(weights, chosen, on_evaluation=lambda row, _: rows.append(row))
    assert [row.number for row in rows] == list(range(1, 17))
    assert result.evaluations == 16
    assert result.outcome == "completed"
    assert min(row.total for row in rows) < 0.6 * rows[0].total
    assert 0 <= float(result.image.min()) <= float(result.image.max()) <= 1


def test_the_result_is_the_best_image_that_was_evaluated(weights):
    rows = []
    chosen = settings(evaluations=15, scales=1, style_weight=1e3)
    result = run(weights, chosen, on_evaluation=lambda row, _: rows.append(row))
    objective = Objective(backbone(weights, chosen), chosen, picture(1), [Style(picture(2))])
    assert float(objective(result.image).total) == pytest.approx(min(r.total for r in rows), rel=1e-4)


def test_coarse_evaluations_come_first_and_count(weights):
    rows, shapes = [], []

    def note(row, image):
        rows.append(row)
        shapes.append(image.shape)

    chosen = settings(evaluations=12)
    run(weights, chosen, on_evaluation=note)
    coarse, fine = stages(chosen)
    assert (coarse.evaluations, fine.evaluations) == (3, 9)
    assert shapes == [coarse.start.shape] * 3 + [fine.start.shape] * 9
    objective = Objective(backbone(weights, chosen), chosen, coarse.content, coarse.styles)
    space = PARAMETRIZATIONS[chosen.parametrization](coarse.start)
    first = objective(space.decode(space.encode(coarse.start)))
    assert rows[0].total == pytest.approx(float(first.total), rel=1e-4)


@pytest.mark.parametrize("scale_start", ["residual", "upsampled"])
def test_a_finer_scale_starts_from_what_the_coarser_came_to(weights, monkeypatch, scale_start):
    from nst.engine import stages as engine

    seen = []

    class Spy(Objective):
        def __call__(self, image):
            seen.append(image.detach())
            return super().__call__(image)

    chosen = settings(evaluations=16, scale_start=scale_start, style_weight=1e3)
    coarse, fine = stages(chosen)
    reached = optimize(backbone(weights, chosen), chosen, [coarse]).image
    monkeypatch.setattr(engine, "Objective", Spy)
    optimize(backbone(weights, chosen), chosen, [coarse, fine])
    first = next(image for image in seen if image.shape == fine.start.shape)
    size = fine.start.shape[-2:]
    expected = {
        "residual": fine.start + functional.interpolate(reached - coarse.start, size, mode="bicubic"),
        "upsampled": functional.interpolate(reached, size, mode="bicubic"),
    }[scale_start].clamp(0, 1)
    assert (first - expected).abs().max() < 1.01 / 255
    assert (first - fine.start).abs().max() > 10 / 255


def test_the_same_run_gives_the_same_bits(weights):
    first, second = (run(weights, settings(evaluations=8)).image for _ in range(2))
    assert torch.equal(first, second)


def first_totals(network, chosen, device=CPU):
    """The losses of the first two evaluations, before L-BFGS amplifies rounding, and the image."""
    rows = []
    result = optimize(
        network, chosen, stages(chosen, device=device), on_evaluation=lambda row, _: rows.append(row)
    )
    return [row.total for row in rows[:2]], result.image.cpu()


def test_bf16_comes_to_nearly_the_loss_of_fp32(weights):
    chosen = settings(evaluations=30, scales=1, style_weight=1e3)
    objective = Objective(backbone(weights, chosen), chosen, picture(1), [Style(picture(2))])
    (exact, image), (rough, rough_image) = (
        first_totals(backbone(weights, chosen, precision), chosen) for precision in ("fp32", "bf16")
    )
    assert rough == pytest.approx(exact, rel=NEAR["bf16"])
    losses = [float(objective(result).total) for result in (image, rough_image)]
    # Stated for 300 evaluations of real pictures: 1 %. Thirty of a toy are still on their way.
    assert losses[1] == pytest.approx(losses[0], rel=0.15)


def test_nothing_to_change_is_the_outcome_stalled(weights):
    chosen = settings(evaluations=9, style_weight=0.0, scales=1, parametrization="pixels")
    result = run(weights, chosen)
    assert (result.outcome, result.evaluations) == ("stalled", 1)
    both = run(weights, settings(evaluations=9, style_weight=0.0, parametrization="pixels"))
    assert (both.outcome, both.evaluations) == ("stalled", 2)  # once at each scale
    assert result.outcome in OUTCOMES


def test_losses_that_ran_away_are_no_result(weights):
    rows = []
    chosen = settings(
        evaluations=9, scales=1, optimizer="adam", learning_rate=1e4, parametrization="pixels",
        style_weight=1e-3, result="final_iterate",
    )  # fmt: skip
    start = picture(1) * 0.98 + 0.01  # near the minimum, so that one huge step is a catastrophe
    result = run(weights, chosen, start=start, on_evaluation=lambda row, _: rows.append(row))
    assert rows[-1].total > 100 * rows[0].total
    assert result.outcome == "diverged"
    torch.testing.assert_close(result.image, start)


ADAM = {"optimizer": "adam", "learning_rate": 0.02, "parametrization": "clamped", "result": "average"}
CARRIED = {"carry": "moments", "scale_start": "upsampled", "style_loss": "wasserstein"}
HARD = {"gatys": {}, "average": ADAM, "carried": {**ADAM, **CARRIED}}


@pytest.mark.parametrize("case", list(HARD))
def test_losses_that_are_no_numbers_are_answered_from_the_best_image(weights, monkeypatch, case):
    """Every fourth evaluation fails; the run goes on from the best, and gives up in the end."""
    from nst.engine import stages as engine

    count = [0]

    class Failing(Objective):
        def __call__(self, image):
            count[0] += 1
            return super().__call__(image * math.nan if count[0] % 4 == 0 else image)

    monkeypatch.setattr(engine, "Objective", Failing)
    few = run(weights, settings(evaluations=9, **HARD[case]))
    assert few.evaluations == 9
    assert torch.isfinite(few.image).all() and few.image.std() > 0.05
    count[0] = 0
    many = run(weights, settings(evaluations=40, scales=1, **HARD[case]))
    assert (many.outcome, many.evaluations) == ("diverged", 24)


def test_which_image_is_the_result(weights):
    decay, evaluated, totals = 0.5, [], []

    def note(row, image):
        evaluated.append(image.clone())
        totals.append(row.total)

    given = {
        **{"scales": 1, "optimizer": "adam", "learning_rate": 0.4, "parametrization": "clamped"},
        **{"style_weight": 1e3, "average_decay": decay},
    }
    start = picture(3)
    run(weights, settings(evaluations=7, **given), start=start, on_evaluation=note)
    best = totals.index(min(totals[:6]))
    assert 0 < best < 5  # so that it is neither the first nor the last
    average = sum(decay ** (6 - n) * (1 - decay) * image for n, image in enumerate(evaluated))
    expected = {
        "best": evaluated[best],
        "last_evaluated": evaluated[5],
        "final_iterate": evaluated[6],  # which a seventh evaluation would be at
        "average": average / (1 - decay**7),
    }
    for result, image in expected.items():
        found = run(weights, settings(evaluations=6, result=result, **given), start=start).image
        torch.testing.assert_close(found, image)


def test_a_first_evaluation_that_is_no_number_is_refused(weights):
    chosen = settings(evaluations=3, scales=1)
    with pytest.raises(NstError, match="first evaluation is not a finite number"):
        run(weights, chosen, start=torch.full((1, 3, 40, 48), math.nan))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_cuda_comes_to_the_loss_of_the_cpu(weights, precision):
    chosen = settings(evaluations=30, scales=1, style_weight=1e3)
    objective = Objective(backbone(weights, chosen), chosen, picture(1), [Style(picture(2))])
    exact, image = first_totals(backbone(weights, chosen), chosen)
    device = torch.device("cuda")
    totals, cuda_image = first_totals(load_backbone(chosen, weights, precision, device), chosen, device)
    assert totals == pytest.approx(exact, rel=NEAR[precision])
    losses = [float(objective(result).total) for result in (image, cuda_image)]
    assert losses[1] == pytest.approx(losses[0], rel=0.15)
