"""The recipe painter a second time, naively: losses relative to the pair, on waves of mixed colours."""

import torch
from naive import gram, see, size
from naive_gatys import backtracking
from torch.nn import functional

STYLE, CONTENT = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"], "relu4_2"
# The root of the covariance of ImageNet's colours, as Olah et al. (2017) have it.
COLOURS = torch.tensor(
    [[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], dtype=torch.float64
)


def recoloured(content, style):
    """The content with the style's mean and covariance of colours; nothing grows more than 8 times."""
    c, s = content[0].reshape(3, -1), style[0].reshape(3, -1)

    def spread(pixels):
        apart = pixels - pixels.mean(1, keepdim=True)
        return torch.linalg.eigh(apart @ apart.T / apart.shape[1])

    values, vectors = spread(s)
    root = vectors @ torch.diag(values.sqrt()) @ vectors.T
    made = s.mean(1, keepdim=True)
    values, vectors = spread(c)
    for value, vector in zip(values, vectors.T, strict=True):
        becomes = root @ vector / value.sqrt()
        becomes = becomes * min(1, 8 / becomes.norm())
        made = made + torch.outer(becomes, vector @ (c - c.mean(1, keepdim=True)))
    return made.clamp(0, 1).reshape(content.shape)


def painter(net, stages, style_weight=1.0, content_weight=0.1):
    """Stages are (content, style, count); each begins with the recoloured content plus the change."""
    colours = COLOURS / COLOURS.norm(dim=0).max()
    losses, change = [], None

    def normal_gram(f):
        return gram(f) / (size(f)[0] * size(f)[1])

    for content, style, count in stages:
        height, width = content.shape[-2:]
        of_content = net(see(content), [*STYLE, CONTENT])
        target, p = net(see(style), STYLE), of_content[CONTENT]
        apart = {n: ((normal_gram(of_content[n]) - normal_gram(target[n])) ** 2).mean() for n in STYLE}
        spread = p.var(dim=(2, 3), correction=0).mean()
        down = torch.fft.fftfreq(height, dtype=content.dtype)[:, None]
        right = torch.fft.rfftfreq(width, dtype=content.dtype)[None, :]
        frequency = (down**2 + right**2).sqrt().clamp(min=1 / max(height, width))

        def image(waves, frequency=frequency, shape=(height, width)):
            spectrum = torch.view_as_complex(waves) / frequency.sqrt()
            mixed = torch.fft.irfft2(spectrum, s=shape, norm="ortho")
            return (colours @ mixed.reshape(3, -1)).reshape(1, 3, *shape).sigmoid()

        def loss_and_gradient(waves, image=image, p=p, target=target, apart=apart, spread=spread):
            waves = waves.clone().requires_grad_()
            f = net(see(image(waves)), [*STYLE, CONTENT])
            total = content_weight * ((f[CONTENT] - p) ** 2).mean() / spread
            for n in STYLE:
                loss = ((normal_gram(f[n]) - normal_gram(target[n])) ** 2).mean()
                total = total + style_weight * 0.2 * loss / apart[n]
            losses.append(total.item())
            return losses[-1], torch.autograd.grad(total, waves)[0]

        begun = start = recoloured(content, style)
        if change is not None:
            start = start + functional.interpolate(change, (height, width), mode="bicubic")
        start = start.clamp(0, 1).clamp(1 / 255, 1 - 1 / 255)
        unmixed = colours.inverse() @ (start / (1 - start)).log().reshape(3, -1)
        spectrum = torch.fft.rfft2(unmixed.reshape(start.shape), norm="ortho")
        waves = torch.view_as_real(spectrum * frequency.sqrt())
        made = image(backtracking(waves, loss_and_gradient, count))
        change = made - begun
    return losses, made
