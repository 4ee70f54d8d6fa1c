"""From tensors to an image: network, losses, optimizers, the loop. Reads no picture, prints nothing."""
