"""The recipe gatys a second time, naively: the paper's layers on waves, by an L-BFGS of its own."""

import math

import torch
from naive import gram, see, size
from torch.nn import functional


def two_loops(gradient, pairs):
    """The direction of L-BFGS: minus the inverse Hessian that the pairs describe times the gradient."""
    q, alphas = gradient.clone(), []
    for s, y in reversed(pairs):
        alphas.append((s * q).sum() / (y * s).sum())
        q = q - alphas[-1] * y
    if pairs:
        s, y = pairs[-1]
        q = q * (y * s).sum() / (y * y).sum()
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        q = q + s * (alpha - (y * q).sum() / (y * s).sum())
    return -q


def backtracking(x, loss_and_gradient, count):
    """L-BFGS with 20 pairs; a step that more than doubles the loss is undone and halved. The best."""
    pairs, shorter, least, best, origin, step = [], 0, math.inf, x, None, None
    for _ in range(count):
        loss, gradient = loss_and_gradient(x)
        if loss < least:
            least, best = loss, x
        if origin is not None and loss > 2 * origin[1]:
            shorter += 1
        else:
            if origin is not None:
                y = gradient - origin[2]
                if (y * step).sum() > 1e-10 * y.norm() * step.norm():
                    pairs = [*pairs, (step, y)][-20:]
            origin, shorter = (x, loss, gradient), 0
        length = 0.5**shorter
        if not pairs:
            length = length * 0.01 * origin[0].norm() / origin[2].norm()
        step = length * two_loops(origin[2], pairs)
        x = origin[0] + step
    return best


def gatys(net, stages, style_weight=1e5):
    """The paper's layers on waves: stages are (content, style, count), and carry over their change."""
    layers = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
    losses, change = [], None

    def normal_gram(f):
        return gram(f) / (size(f)[0] * size(f)[1])

    for content, style, count in stages:
        height, width = content.shape[-2:]
        p = net(see(content), ["conv4_2"])["conv4_2"]
        a = {name: normal_gram(f) for name, f in net(see(style), layers).items()}
        down = torch.fft.fftfreq(height, dtype=content.dtype)[:, None]
        right = torch.fft.rfftfreq(width, dtype=content.dtype)[None, :]
        frequency = (down**2 + right**2).sqrt().clamp(min=1 / max(height, width))

        def image(waves, frequency=frequency, shape=(height, width)):
            spectrum = torch.view_as_complex(waves) / frequency.sqrt()
            return torch.fft.irfft2(spectrum, s=shape, norm="ortho").sigmoid()

        def loss_and_gradient(waves, image=image, p=p, a=a):
            waves = waves.clone().requires_grad_()
            f = net(see(image(waves)), [*layers, "conv4_2"])
            total = ((f["conv4_2"] - p) ** 2).mean()
            for name in layers:
                total = total + style_weight * ((normal_gram(f[name]) - a[name]) ** 2).mean()
            losses.append(total.item())
            return losses[-1], torch.autograd.grad(total, waves)[0]

        start = content
        if change is not None:
            start = content + functional.interpolate(change, (height, width), mode="bicubic")
        start = start.clamp(0, 1).clamp(1 / 255, 1 - 1 / 255)
        spectrum = torch.fft.rfft2((start / (1 - start)).log(), norm="ortho")
        waves = torch.view_as_real(spectrum * frequency.sqrt())
        made = image(backtracking(waves, loss_and_gradient, count))
        change = made - content
    return losses, made
