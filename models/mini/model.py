"""The network: the llama architecture exactly as llama.cpp computes it (RMSNorm, RoPE on neighbouring pairs, SwiGLU, tied embeddings).

Tokens travel as one flat row of a fixed size, so that torch.compile sees one shape; only attention knows about samples.
"""
from dataclasses import asdict, dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Shape:
    vocab: int = 4608
    width: int = 256
    layers: int = 5
    heads: int = 4
    inner: int = 640
    context: int = 2048
    rope_base: float = 100000.0
    eps: float = 1e-5

    def dict(self):
        return asdict(self)


def norm(x, weight, eps):
    y = x.float()
    return (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + eps) * weight).to(x.dtype)


def rotate(x, cos, sin, heads):
    n, width = x.shape
    y = x.float().view(n, heads, width // heads // 2, 2)
    a, b = y[..., 0], y[..., 1]
    c, s = cos[:, None, :], sin[:, None, :]
    return torch.stack((a * c - b * s, a * s + b * c), -1).view(n, width).to(x.dtype)


def attention(q, k, v, watch=None):
    """Written out: for short samples on a CPU this is twice as fast, both ways together, as the fused kernel."""
    t = q.shape[-2]
    future = torch.full((t, t), float("-inf"), dtype=q.dtype).triu(1)
    scores = torch.matmul(q, k.transpose(-1, -2) * q.shape[-1] ** -0.5) + future
    if watch:
        watch(scores)
    return torch.matmul(torch.softmax(scores, -1), v)


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        w, i = shape.width, shape.inner
        self.attn_norm, self.ffn_norm = nn.Parameter(torch.ones(w)), nn.Parameter(torch.ones(w))
        self.q, self.k, self.v, self.o = (nn.Parameter(torch.randn(w, w) * w ** -0.5 * g) for g in (1, 1, 1, 0.1))
        self.gate, self.up = (nn.Parameter(torch.randn(i, w) * w ** -0.5) for _ in range(2))
        self.down = nn.Parameter(torch.randn(w, i) * i ** -0.5 * 0.1)
        self.heads, self.eps = shape.heads, shape.eps

    def before(self, x, cos, sin):
        h = norm(x, self.attn_norm, self.eps)
        q, k, v = (F.linear(h, w.to(h.dtype)) for w in (self.q, self.k, self.v))
        return rotate(q, cos, sin, self.heads), rotate(k, cos, sin, self.heads), v

    def after(self, x, mixed):
        x = x + F.linear(mixed, self.o.to(x.dtype))
        h = norm(x, self.ffn_norm, self.eps)
        return x + F.linear(F.silu(F.linear(h, self.gate.to(h.dtype))) * F.linear(h, self.up.to(h.dtype)), self.down.to(h.dtype))


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed = nn.Parameter(torch.randn(shape.vocab, shape.width) * 0.08)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.out_norm = nn.Parameter(torch.ones(shape.width))
        half = shape.width // shape.heads // 2
        angle = torch.arange(shape.context)[:, None] * shape.rope_base ** (-torch.arange(half) / half)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def compile(self):
        for layer in self.layers:
            layer.before = torch.compile(layer.before, dynamic=False)
            layer.after = torch.compile(layer.after, dynamic=False)

    def hidden(self, tokens, dtype=torch.float32, watch=None):
        """tokens: [samples, length] -> [samples * length, width] after the last norm. watch(layer, scores) sees all attention."""
        b, t = tokens.shape
        heads, width = self.shape.heads, self.shape.width
        cos, sin = self.cos[:t].repeat(b, 1), self.sin[:t].repeat(b, 1)
        x = F.embedding(tokens.reshape(-1), self.embed).to(dtype)
        for number, layer in enumerate(self.layers):
            q, k, v = (z.view(b, t, heads, width // heads).transpose(1, 2) for z in layer.before(x, cos, sin))
            mixed = attention(q, k, v, watch and partial(watch, number))
            x = layer.after(x, mixed.transpose(1, 2).reshape(b * t, width))
        return norm(x, self.out_norm, self.shape.eps)

    def logits(self, hidden):
        return F.linear(hidden, self.embed.to(hidden.dtype)).float()
