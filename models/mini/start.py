"""A start from which the network already copies.

Quoting rests on induction: heads that write down the tokens before, and heads that look where the same tokens stood before and
repeat what followed. Chance finds this circuit only after millions of tokens; it can as well be written down.
"""
import torch

BEFORE = 3
"""How many tokens before each token are written down."""
SCALE = 0.08


def orthonormal(rows, columns):
    return torch.linalg.qr(torch.randn(columns, rows))[0].T


def previous(layer, size, shape, room):
    """Head d - 1 attends to the token d places before, by the constant in dimension 0, and writes it into `room` dimensions of its own.

    -> how a token is read [room, width], and where each head writes it, [BEFORE][room, width].
    """
    fast = 5
    angle = shape.rope_base ** (-torch.arange(fast) / (size // 2))
    seen = torch.cat([torch.zeros(room, 1), orthonormal(room, shape.width - 1)], 1)
    written = torch.cat([torch.zeros(BEFORE * room, 1), orthonormal(BEFORE * room, shape.width - 1)], 1).split(room)
    for h in range(BEFORE):
        rows = slice(h * size, (h + 1) * size)
        for w in (layer.q, layer.k):
            w[rows] *= 0.05
        for i in range(fast):
            turn = (h + 1) * angle[i]
            layer.q[h * size + 2 * i, 0] = 1.2
            layer.k[h * size + 2 * i, 0], layer.k[h * size + 2 * i + 1, 0] = 1.2 * turn.cos(), 1.2 * turn.sin()
        layer.v[h * size:h * size + room] = seen
        layer.o[:, h * size:h * size + room] = written[h].T * 1.3 * SCALE
    return seen, written


def induce(layer, h, size, seen, written, strength, taken, gain):
    """Looks for the place before which the present tokens stood; `taken` [size, width] is what it repeats from there."""
    rows = slice(h * size, (h + 1) * size)
    slow = torch.arange(26, size)  # RoPE hardly turns these
    layer.q[rows] *= 0.1
    layer.k[rows] *= 0.1
    for query, key in zip((seen, *written[:-1]), written):
        blend = orthonormal(len(query), len(slow)).T * strength
        layer.q[h * size + slow] += blend @ query
        layer.k[h * size + slow] += blend @ key
    layer.v[rows] = taken
    layer.o[:, rows] = taken.T * gain


def match(layer, h, size, seen, taken_already):
    """Looks for the same token earlier, and writes down what it found in dimensions of its own."""
    rows = slice(h * size, (h + 1) * size)
    slow = torch.arange(26, size)
    blend = orthonormal(len(seen), len(slow)).T * 2.0
    layer.q[rows] *= 0.1
    layer.k[rows] *= 0.1
    layer.q[h * size + slow] += blend @ seen
    layer.k[h * size + slow] += blend @ seen
    free = torch.linalg.qr(torch.cat([taken_already, torch.randn(len(seen), taken_already.shape[1])]).T)[0].T[len(taken_already):]
    layer.v[h * size:h * size + len(seen)] = seen
    layer.o[:, h * size:h * size + len(seen)] = free.T * 1.3 * SCALE


@torch.no_grad()
def prepare(model, constant=6.0, quiet=0.2, room=32):
    shape = model.shape
    size = shape.width // shape.heads
    for layer in model.layers:  # everything else keeps still at first
        layer.o *= quiet
        layer.down *= quiet
    seen, written = previous(model.layers[0], size, shape, room)
    space = torch.cat(written)
    model.embed -= 0.7 * (model.embed @ space.T) @ space  # leaves room for what the first layer writes
    model.embed[:, 0] = constant * SCALE
    whole = torch.cat([torch.zeros(shape.heads * size, 1), orthonormal(shape.width - 1, shape.heads * size).T], 1).split(size)
    match(model.layers[1], 0, size, seen, space)
    for h in (2, 3):
        induce(model.layers[2], h, size, seen, written, 1.3, whole[h], 0.1)
    for h in range(shape.heads):
        induce(model.layers[-1], h, size, seen, written, 1.3, whole[h], 0.5)
