"""One scale of the recipe spst a second time, naively."""

import torch
from naive import gram, size, steps_of_twenty


def spst(net, content, style, start, least):
    """One scale of Galerne et al.: Gram matrices, means and deviations of every style layer."""
    channels = {"relu1_1": 64, "relu2_1": 128, "relu3_1": 256, "relu4_1": 512, "relu5_1": 512}

    def statistics(f):
        mean = f.mean(dim=(2, 3))
        deviation = ((f**2).mean(dim=(2, 3)) - mean**2).clamp(min=1e-30).sqrt()
        return gram(f) / size(f)[1], mean, deviation

    p = net(net.see(content), ["relu4_2"])["relu4_2"]
    a = {name: statistics(f) for name, f in net(net.see(style), list(channels)).items()}
    x, losses = (start * 255).requires_grad_(), []

    def closure():
        f = net(net.see(x / 255), [*channels, "relu4_2"])
        total = net.k**2 * ((f["relu4_2"] - p) ** 2).mean()
        for name, n in channels.items():
            matrix, mean, deviation = statistics(f[name])
            total = total + 1e3 / n**2 * net.k**4 * ((matrix - a[name][0]) ** 2).mean()
            total = total + 1e4 * net.k**2 * ((mean - a[name][1]) ** 2).mean()
            total = total + 1e4 * net.k**2 * ((deviation - a[name][2]) ** 2).mean()
        x.grad = torch.autograd.grad(total, x)[0].contiguous()
        losses.append(total.item())
        return total.detach()

    steps_of_twenty(x, closure, least)
    return losses, (x.detach() / 255).clamp(0, 1)
