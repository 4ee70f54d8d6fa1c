"""Optimizers against PyTorch's own, on problems whose minimum is known."""

import pytest
import torch

from nst.config.recipes import resolve
from nst.engine import lbfgs
from nst.engine.optimizers import OPTIMIZERS
from nst.engine.two_loop import Products, TwoLoop
from nst.errors import NstError
from nst.transfer.checkpoint import read_checkpoint, write_checkpoint


def quadratic(x):
    """Ill-conditioned, minimum 0 at 1."""
    scale = torch.logspace(0, 2, x.numel())
    return 0.5 * (scale * (x - 1) ** 2).sum()


def rosenbrock(x):
    """Rosenbrock (1960), minimum 0 at 1."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum() / 1000


PROBLEMS = {
    "quadratic": (quadratic, torch.zeros(10)),
    "rosenbrock": (rosenbrock, torch.full((4,), -0.5)),
}


def losses_of(problem, optimizer, steps):
    """The losses at which an optimizer arrives, the one at its start first."""
    losses = []
    for _ in range(steps):
        x = optimizer.x.detach().requires_grad_()
        loss = problem(x)
        (gradient,) = torch.autograd.grad(loss, x)
        losses.append(float(loss.detach()))
        measured = optimizer.measure(gradient).tolist()
        optimizer.step(losses[-1], gradient, measured)
    return losses


def optimizer_at(start, name="lbfgs", recursion=TwoLoop, **settings):
    optimizer = OPTIMIZERS[name](
        start.clone(), resolve({"recipe": "gatys", "optimizer": name, **settings})
    )
    optimizer.recursion = recursion  # `Products` serves GPUs
    return optimizer


@pytest.mark.parametrize("recursion", [TwoLoop, Products])
@pytest.mark.parametrize("problem", list(PROBLEMS))
@pytest.mark.parametrize("history", [1, 3, 20])
def test_lbfgs_goes_where_torchs_goes(problem, history, recursion):
    function, start = PROBLEMS[problem]
    x = start.clone().requires_grad_()
    theirs = torch.optim.LBFGS(
        [x], lr=1, max_iter=25, history_size=history, tolerance_grad=0, tolerance_change=-1
    )
    expected = []

    def closure():
        theirs.zero_grad()
        loss = function(x)
        loss.backward()
        expected.append(float(loss.detach()))
        return loss

    theirs.step(closure)
    ours = optimizer_at(
        start, "lbfgs", recursion, learning_rate=1.0, history=history, line_search="none"
    )
    # Rounding differs in the order of the sums, and L-BFGS amplifies it step by step.
    assert losses_of(function, ours, 25)[:15] == pytest.approx(expected[:15], rel=1e-3, abs=1e-7)


def test_lbfgs_finds_the_minimum():
    function, start = PROBLEMS["quadratic"]
    losses = losses_of(function, optimizer_at(start, learning_rate=1.0, history=20), 60)
    assert min(losses) < 1e-6 < losses[0]


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_scale_of_the_loss_changes_nothing(scale):
    """All weights times a constant is the same problem; with an absolute threshold no pair is kept."""
    function, start = PROBLEMS["quadratic"]
    losses = losses_of(function, optimizer_at(start, learning_rate=1.0), 60)
    scaled = losses_of(lambda x: scale * function(x), optimizer_at(start, learning_rate=1.0), 60)
    assert scaled[:10] == pytest.approx([scale * loss for loss in losses[:10]], rel=1e-3)
    assert min(scaled) < 1e-6 * scale < scaled[0]


@pytest.mark.parametrize("rejects", [False, True])
@pytest.mark.parametrize("history", [1, 4])
def test_both_recursions_give_the_same_direction(history, rejects):
    generator = torch.Generator().manual_seed(0)
    steps = torch.randn(history + 1, 50, generator=generator, dtype=torch.float64)
    changes = steps * torch.linspace(1, 50, 50)  # the Hessian is this diagonal
    *pairs, candidate = zip(steps, changes, strict=True)
    pairs = [(s, y, float(s.dot(y))) for s, y in pairs]
    gradient = torch.randn(50, generator=generator, dtype=torch.float64)
    found = []
    for recursion in (TwoLoop, Products):
        search = recursion(pairs, candidate, gradient)
        curvature, scale = search.curvature(search.numbers.tolist())
        newest = [] if rejects else [(*candidate, curvature)]
        found.append((curvature, scale, search.direction([*pairs, *newest][-history:])))
    (curvature, scale, direction), products = found
    assert products[:2] == pytest.approx((curvature, scale), rel=1e-12)
    torch.testing.assert_close(products[2], direction, rtol=1e-9, atol=1e-9)
    assert direction.dot(gradient) < 0


def test_pairs_of_a_large_image_are_kept_in_bfloat16(monkeypatch):
    monkeypatch.setattr(lbfgs, "LARGE", 9)
    function, start = PROBLEMS["quadratic"]
    optimizer = optimizer_at(start, history=20)
    losses = losses_of(function, optimizer, 60)
    assert {s.dtype for pair in optimizer.curved_pairs for s in pair[:2]} == {torch.bfloat16}
    assert optimizer.x.dtype == torch.float32
    assert min(losses) < 1e-4 < losses[0]
    monkeypatch.setattr(lbfgs, "LARGE", 10)
    optimizer = optimizer_at(start)
    losses_of(function, optimizer, 9)
    assert {s.dtype for pair in optimizer.curved_pairs for s in pair[:2]} == {torch.float32}


def test_a_state_whose_pairs_have_other_numbers_is_no_state():
    """Pairs were once kept with the inverse of their curvature, under the name `pairs`."""
    _, start = PROBLEMS["quadratic"]
    optimizer = optimizer_at(start, history=20)
    state = optimizer.state()
    state["pairs"] = state.pop("curved_pairs")
    with pytest.raises(KeyError):
        optimizer.restore(state)


def test_backtracking_undoes_a_step_that_more_than_doubles_the_loss():
    """A cliff: the full step from the slope lands on the wall beside the valley."""

    def cliff(x):
        return (x**2).sum() + 1e4 * torch.relu(-x - 0.5).sum() ** 2

    start = torch.tensor([4.0])
    plain = losses_of(cliff, optimizer_at(start, learning_rate=2.5, line_search="none"), 8)
    losses = losses_of(cliff, optimizer_at(start, learning_rate=2.5, line_search="backtracking"), 8)
    assert max(plain) > 100 * plain[0]
    undone = [n for n in range(1, 8) if losses[n] > 2 * min(losses[:n])]
    assert undone
    assert all(losses[n + 1] < losses[n] for n in undone if n + 1 < 8)
    assert min(losses) < 0.02 * losses[0]


def test_adam_is_the_papers_and_starts_anew_after_a_reset():
    """Kingma & Ba (2015), algorithm 1, written out."""
    function, start = PROBLEMS["rosenbrock"]
    rate, beta1, beta2 = 0.05, 0.8, 0.9

    def by_the_paper(x, steps):
        losses, m, v = [], torch.zeros_like(x), torch.zeros_like(x)
        for t in range(1, steps + 1):
            x = x.detach().requires_grad_()
            loss = function(x)
            (g,) = torch.autograd.grad(loss, x)
            losses.append(float(loss.detach()))
            m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
            x = x - rate * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + 1e-8)
        return losses, x.detach()

    expected, x = by_the_paper(start, 20)
    optimizer = optimizer_at(start, "adam", learning_rate=rate, beta1=beta1, beta2=beta2)
    assert losses_of(function, optimizer, 20) == pytest.approx(expected, rel=1e-5)
    optimizer.reset()
    again, _ = by_the_paper(x, 10)
    assert losses_of(function, optimizer, 10) == pytest.approx(again, rel=1e-4)


def test_adam_counts_its_steps_on_the_cpu_after_a_resume(tmp_path):
    """A count on a GPU would make every step wait for it."""
    path, meta = tmp_path / "x.checkpoint", torch.device("meta")
    optimizer = optimizer_at(torch.ones(3), "adam")
    losses_of(PROBLEMS["quadratic"][0], optimizer, 2)
    write_checkpoint(path, "key", optimizer.state())
    resumed = optimizer_at(torch.empty(3, device=meta), "adam")
    resumed.restore(read_checkpoint(path, "key", meta))
    moments = resumed.adam.state[resumed.x]
    assert moments["exp_avg"].device == meta
    assert torch.equal(moments["step"], torch.tensor(2.0))


def test_an_unknown_optimizer_is_refused_with_the_names_of_the_table():
    from nst.config.settings import FIELDS

    kind = FIELDS["optimizer"].metadata["kind"]
    assert set(kind.names) == set(OPTIMIZERS)
    with pytest.raises(NstError, match="'lbgfs' is not one of lbfgs, adam; did you mean 'lbfgs'"):
        kind.parse("lbgfs")
