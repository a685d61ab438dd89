"""A start from which the network already copies.

Quoting rests on induction: a head that writes down the token before, and a head that looks where the present token stood
before and repeats what followed. Chance finds this circuit only after millions of tokens; it can as well be written down.
"""
import torch


def orthonormal(rows, columns):
    return torch.linalg.qr(torch.randn(columns, rows))[0].T


def pairs(size, low, high):
    """The head's dimensions whose RoPE pairs have numbers from low to high: low pairs turn fast, high pairs hardly."""
    return torch.arange(2 * low, 2 * min(high, size // 2))


def previous(layer, heads, size, shape, gain):
    """Heads that attend to the token before, by the constant in dimension 0, and write it into a space of their own."""
    fast = 8
    angle = shape.rope_base ** (-torch.arange(fast) / (size // 2))
    seen, written = orthonormal(heads * size, shape.width - 1), orthonormal(heads * size, shape.width)
    for h in range(heads):
        rows = slice(h * size, (h + 1) * size)
        for w in (layer.q, layer.k):
            w[rows] *= 0.05
        for i in range(fast):
            layer.q[h * size + 2 * i, 0] = 0.9
            layer.k[h * size + 2 * i, 0], layer.k[h * size + 2 * i + 1, 0] = 0.9 * angle[i].cos(), 0.9 * angle[i].sin()
        layer.v[rows] = 0
        layer.v[rows, 1:] = seen[rows]
        layer.o[:, rows] = written[rows].T * gain
    return seen, written


def look(layer, h, size, query, key, strength, copy):
    """One head: query and key are [n, width] readings of the residual that should be alike where it looks."""
    rows = slice(h * size, (h + 1) * size)
    slow = pairs(size, 13, size)
    blend = orthonormal(len(slow), len(query))
    layer.q[rows] *= 0.1
    layer.k[rows] *= 0.1
    layer.q[h * size + slow] += blend @ query * strength
    layer.k[h * size + slow] += blend @ key * strength
    layer.v[rows] = 0
    layer.v[rows, 1:] = orthonormal(size, layer.v.shape[1] - 1)
    layer.o[:, rows] = layer.v[rows].T * copy


@torch.no_grad()
def prepare(model, constant=6.0, copy=0.5, strength=2.2, quiet=0.2):
    shape = model.shape
    size = shape.width // shape.heads
    scale = 0.08
    model.embed[:, 0] = constant * scale
    for layer in model.layers:  # everything else keeps still at first
        layer.o *= quiet
        layer.down *= quiet
    half = shape.heads // 2
    seen, written = previous(model.layers[0], half, size, shape, gain=1.3 * scale)
    present = torch.cat([torch.zeros(len(seen), 1), seen], 1)
    for number, layer in enumerate(model.layers[1:], 1):
        for h in range(half):
            if number <= 3:  # what followed the present token before
                look(layer, h, size, present, written, strength, copy * (1 if number > 1 else 0.6))
        for h in range(half, shape.heads - 1):  # where the present token stood before
            look(layer, h, size, present, present, strength, 0.03)
