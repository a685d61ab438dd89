"""Muon for the matrices and Adam for the rest: at this size about twice as good per token as Adam alone."""
import torch


def orthogonal(g, steps=5):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    if g.size(-2) > g.size(-1):
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        s = x @ x.mT
        x = a * x + (b * s + c * s @ s) @ x
    return (x.mT if g.size(-2) > g.size(-1) else x).float()


class Optimiser:
    def __init__(self, model, matrix_rate=0.02, rate=0.003, decay=0.01):
        self.matrices = [p for layer in model.layers for p in layer.parameters() if p.ndim == 2]
        ids = {id(p) for p in self.matrices}
        rest = [p for p in model.parameters() if id(p) not in ids]
        self.adam = torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0)
        self.momentum = [torch.zeros_like(p) for p in self.matrices]
        self.matrix_rate, self.rate, self.decay = matrix_rate, rate, decay

    @torch.no_grad()
    def step(self, scale, beta=0.95):
        for group in self.adam.param_groups:
            group["lr"] = self.rate * scale
        self.adam.step()
        by_shape = {}
        for p, m in zip(self.matrices, self.momentum):
            m.lerp_(p.grad, 1 - beta)
            by_shape.setdefault(p.shape, []).append((p, p.grad.lerp(m, beta)))
        lr = self.matrix_rate * scale
        for (rows, columns), pairs in by_shape.items():
            update = orthogonal(torch.stack([g for _, g in pairs]))
            for (p, _), u in zip(pairs, update):
                p.mul_(1 - lr * self.decay).add_(u, alpha=-lr * max(1, rows / columns) ** 0.5)

    def state(self):
        return {"adam": self.adam.state_dict(), "momentum": self.momentum}

    def load(self, state):
        self.adam.load_state_dict(state["adam"])
        for m, saved in zip(self.momentum, state["momentum"]):
            m.copy_(saved)
