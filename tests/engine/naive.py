"""Every published system a second time, naively, straight from its formulas.

Nothing of nst is used here: torchvision's network module by module, PyTorch's own optimizers, losses
written out. Each function returns the total losses, evaluation by evaluation, and the final image.
"""

import math

import torch
import torchvision
from torch.nn import functional

MEAN = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(1, 3, 1, 1)
K = 255 * 0.225  # how much smaller torchvision's features are than Caffe's of 0 to 255
# Numbers of torchvision's modules, for both networks, by the name of their output.
MODULES = {
    "vgg16": "1_1 1_2 p 2_1 2_2 p 3_1 3_2 3_3 p 4_1 4_2 4_3 p 5_1 5_2 5_3 p",
    "vgg19": "1_1 1_2 p 2_1 2_2 p 3_1 3_2 3_3 3_4 p 4_1 4_2 4_3 4_4 p 5_1 5_2 5_3 5_4 p",
}


def see(x):
    """A picture in [0, 1] as torchvision's networks are shown it."""
    return (x - MEAN.to(x.dtype)) / STD.to(x.dtype)


def see_levels(x):
    """A picture in [0, 1] as the original, Caffe's VGG-19 is shown it."""
    mean = torch.tensor([103.939, 116.779, 123.68], dtype=torch.float64).view(1, 3, 1, 1)
    return 255 * x[:, [2, 1, 0]] - mean.to(x.dtype)


class Network:
    """torchvision's features with weights from a state dict; `net(x, names)` -> their outputs."""

    def __init__(self, name, state, average=False, padding="zero", kind=torch.float32):
        caffe = name == "vgg19-caffe"
        self.see, self.k = (see_levels, 1) if caffe else (see, K)
        name = "vgg19" if caffe else name
        self.modules = getattr(torchvision.models, name)(weights=None).features.eval()
        self.modules.requires_grad_(False)
        own = {k.removeprefix("features."): v for k, v in state.items() if k.startswith("features")}
        self.modules.load_state_dict(own, strict=False)
        # The layout that nst uses: other kernels would round otherwise, and L-BFGS amplifies it.
        self.modules.to(kind, memory_format=torch.channels_last)
        self.average, self.padding = average, padding
        self.names = []
        for part in MODULES[name].split():
            self.names += [f"pool{part}"] if part == "p" else [f"conv{part}", f"relu{part}"]

    def __call__(self, x, names):
        outputs, x = {}, x.to(memory_format=torch.channels_last)
        for number, (name, module) in enumerate(zip(self.names, self.modules, strict=True)):
            padded = self.padding == "replicate-all" and name.startswith("conv")
            if padded or (number == 0 and self.padding == "replicate"):
                x = functional.conv2d(
                    functional.pad(x, (1, 1, 1, 1), mode="replicate"), module.weight, module.bias
                )
            elif name.startswith("relu"):
                x = x.clamp(min=0)
            elif name.startswith("pool") and self.average:
                x = functional.avg_pool2d(x, 2)
            else:
                x = module(x)
            if name in names:
                outputs[name] = x
            if set(names) <= set(outputs):
                return outputs
        raise AssertionError(names)


def gram(features):
    matrix = features[0].reshape(features.shape[1], -1)
    return matrix @ matrix.T


def size(features):
    return features.shape[1], features.shape[2] * features.shape[3]


def steps_of_twenty(x, closure, least):
    """torch.optim.LBFGS at its defaults, one `step` after another while `least` is not passed."""
    optimizer = torch.optim.LBFGS([x])
    count = [0]

    def counted():
        count[0] += 1
        return closure()

    while count[0] <= least:
        optimizer.step(counted)


def tutorial(net, content, style, weight=1e6, normalized=True, least=300):
    """The PyTorch tutorial; its first version gives the network pictures that are not normalized."""
    shown = see if normalized else (lambda x: x)
    layers = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"]

    def normal_gram(f):
        return gram(f) / (size(f)[0] * size(f)[1])

    p, a = net(shown(content), ["conv2_2"]), net(shown(style), layers)
    x, losses = content.clone().requires_grad_(), []

    def closure():
        with torch.no_grad():
            x.clamp_(0, 1)
        f = net(shown(x), layers)
        total = ((f["conv2_2"] - p["conv2_2"]) ** 2).mean()
        for name in layers:
            total = total + weight * ((normal_gram(f[name]) - normal_gram(a[name])) ** 2).mean()
        x.grad = torch.autograd.grad(total, x)[0].contiguous()
        losses.append(total.item())
        return total.detach()

    steps_of_twenty(x, closure, least)
    return losses, x.detach().clamp(0, 1)


def adam_blog(net, content, style, evaluations, last="4"):
    """Adam on the network's own input; deep layers after their ReLU; plain Gram matrices."""
    layers = ["relu1_2", "relu2_2", f"relu3_{last}", f"relu4_{last}", f"relu5_{last}"]
    start = see(content)
    p, a = net(start, [layers[3]]), net(see(style), layers)
    x, losses = start.clone().requires_grad_(), []
    optimizer = torch.optim.Adam([x], lr=0.05)
    for _ in range(evaluations):
        f = net(x, layers)
        total = ((f[layers[3]] - p[layers[3]]) ** 2).mean()
        for name in layers:
            channels, positions = size(f[name])
            difference = ((gram(f[name]) - gram(a[name])) ** 2).mean()
            total = total + 1000 * difference / (channels * positions)
        x.grad = torch.autograd.grad(total, x)[0].contiguous()
        losses.append(total.item())
        optimizer.step()
    return losses, (x.detach() * STD + MEAN).to(x.dtype).clamp(0, 1)


def gatys_2016(net, content, style, start, least=500):
    """One pass of the authors' notebook, on levels of 0 to 255, in Caffe's size of losses."""
    channels = {"relu1_1": 64, "relu2_1": 128, "relu3_1": 256, "relu4_1": 512, "relu5_1": 512}
    names = [*channels, "relu4_2"]

    def by_positions(f):
        return gram(f) / size(f)[1]

    p, a = net(net.see(content), ["relu4_2"]), net(net.see(style), list(channels))
    x, losses = (start * 255).requires_grad_(), []

    def closure():
        f = net(net.see(x / 255), names)
        total = net.k**2 * ((f["relu4_2"] - p["relu4_2"]) ** 2).mean()
        for name, n in channels.items():
            difference = ((by_positions(f[name]) - by_positions(a[name])) ** 2).mean()
            total = total + 1e3 / n**2 * net.k**4 * difference
        x.grad = torch.autograd.grad(total, x)[0].contiguous()
        losses.append(total.item())
        return total.detach()

    steps_of_twenty(x, closure, least)
    return losses, (x.detach() / 255).clamp(0, 1)


def neural_style(net, content, style, start, evaluations):
    """One `step` of L-BFGS without tolerances; the image of the last evaluation is kept."""
    layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]

    def normal_gram(f):
        return gram(f) / (size(f)[0] * size(f)[1])

    p, a = net(net.see(content), ["relu4_2"]), net(net.see(style), layers)
    x, losses, images = (start * 255).requires_grad_(), [], []

    def closure():
        f = net(net.see(x / 255), [*layers, "relu4_2"])
        total = 5 * net.k**2 * ((f["relu4_2"] - p["relu4_2"]) ** 2).mean()
        for name in layers:
            total = total + 100 * net.k**4 * ((normal_gram(f[name]) - normal_gram(a[name])) ** 2).mean()
        right, down = x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]
        total = total + 1e-3 * (right.abs().sum() + down.abs().sum())
        x.grad = torch.autograd.grad(total, x)[0].contiguous()
        losses.append(total.item())
        images.append(x.detach().clone())
        return total.detach()

    optimizer = torch.optim.LBFGS([x], max_iter=evaluations, tolerance_change=-1, tolerance_grad=-1)
    optimizer.step(closure)
    return losses, (images[-1] / 255).clamp(0, 1)


def gatys_equations(net, content, style, start, evaluations, style_weight, tv_weight, rate):
    """Equations 1 to 7 of the paper of 2015 with sums, average pooling, Adam on clamped pixels."""
    layers = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
    p, a = net(see(content), ["conv4_2"]), net(see(style), layers)
    x, losses = start.clamp(0, 1).requires_grad_(), []
    optimizer = torch.optim.Adam([x], lr=rate)
    for _ in range(evaluations):
        f = net(see(x), [*layers, "conv4_2"])
        total = 0.5 * K**2 * ((f["conv4_2"] - p["conv4_2"]) ** 2).sum()
        for name in layers:
            n, m = size(f[name])
            # Both Gram matrices over their own positions: the pictures may differ in size.
            difference = gram(f[name]) / m - gram(a[name]) / size(a[name])[1]
            total = total + K**4 * style_weight / 5 * (difference**2).sum() / (4 * n**2)
        right, down = x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]
        total = total + tv_weight * ((right**2).mean() + (down**2).mean())
        x.grad = torch.autograd.grad(total, x)[0].contiguous()
        losses.append(total.item())
        optimizer.step()
        with torch.no_grad():
            x.clamp_(0, 1)
    return losses, x.detach()


def matrix_root(matrix, iterations):
    """The square root by the iteration of Newton and Schulz; without iterations, by eigenvalues."""
    if not iterations:
        values, vectors = torch.linalg.eigh(matrix)
        return vectors @ torch.diag(values.sqrt()) @ vectors.T
    norm, eye = matrix.norm(), torch.eye(len(matrix), dtype=matrix.dtype)
    y, z = matrix / norm, eye
    for _ in range(iterations):
        t = (3 * eye - z @ y) / 2
        y, z = y @ t, t @ z
    return y * norm.sqrt()


def crowson(net, stages, iterations=25, kind=torch.float64):
    """Wasserstein-2 style loss, scales, averaged iterates; stages are (content, style, count)."""
    weights = {"relu1_1": 256, "relu2_1": 64, "relu3_1": 16, "relu4_1": 4, "relu5_1": 1}

    def statistics(f):
        matrix = f[0].reshape(f.shape[1], -1).to(kind)
        mean = matrix.mean(dim=1)
        centred = matrix - mean[:, None]
        covariance = centred @ centred.T / matrix.shape[1]
        return mean, covariance + 1e-4 * torch.eye(len(mean), dtype=kind)

    losses, image, adam = [], stages[0][0], None
    for content, style, count in stages:
        shape = content.shape[-2:]
        image = functional.interpolate(image, shape, mode="bicubic").clamp(0, 1)
        p = net(see(content), ["relu4_2"])["relu4_2"]
        a = {k: statistics(f) for k, f in net(see(style), list(weights)).items()}
        roots = {k: matrix_root(covariance, iterations) for k, (_, covariance) in a.items()}
        x = image.clone().requires_grad_()
        optimizer = torch.optim.Adam([x], lr=0.02, betas=(0.9, 0.99))
        if adam is not None:
            before = adam.state_dict()["state"][0]
            optimizer.state[x] = {
                "step": before["step"].clone(),
                "exp_avg": functional.interpolate(before["exp_avg"], shape, mode="bicubic"),
                "exp_avg_sq": functional.interpolate(before["exp_avg_sq"], shape, mode="bilinear"),
            }
        adam = optimizer
        value, accumulated = 0.01 * image, 0.99
        for _ in range(count):
            f = net(see(x), [*weights, "relu4_2"])
            total = 0.015 * ((f["relu4_2"] - p) ** 2).mean()
            for name, weight in weights.items():
                mean, covariance = statistics(f[name])
                product = roots[name] @ covariance @ roots[name]
                if iterations:
                    trace = torch.diagonal(matrix_root(product, iterations)).sum()
                else:  # exactly: the trace of a root is the sum of the eigenvalues' roots
                    trace = torch.linalg.eigvalsh(product).sqrt().sum()
                spread = torch.diagonal(a[name][1] + covariance).sum() - 2 * trace
                spread = spread / len(mean)
                total = total + weight / 341 * (((mean - a[name][0]) ** 2).mean() + spread)
            padded = functional.pad(x, (1, 1, 1, 1), mode="replicate")
            inner = padded[..., 1:-1, 1:-1]
            right = ((padded[..., 1:-1, 2:] - inner) ** 2).mean()
            down = ((padded[..., 2:, 1:-1] - inner) ** 2).mean()
            falling = ((padded[..., 1:, 1:] - padded[..., :-1, :-1]) ** 2).mean()
            rising = ((padded[..., 1:, :-1] - padded[..., :-1, 1:]) ** 2).mean()
            total = total + 2 * 2 * ((right + down) / 3 + (falling + rising) / 12)
            total = total.to(x.dtype)
            x.grad = torch.autograd.grad(total, x)[0].contiguous()
            losses.append(total.item())
            optimizer.step()
            with torch.no_grad():
                x.clamp_(0, 1)
                value, accumulated = 0.99 * value + 0.01 * x, accumulated * 0.99
        image = value / (1 - accumulated)
    assert math.isfinite(losses[-1])
    return losses, image.clamp(0, 1)
