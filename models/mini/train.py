"""Trains mini for a given time, as one or more processes that average their weights.

    torchrun --nproc-per-node 2 train.py --minutes 90 --out run
"""
import argparse
import os
import time
from collections import Counter

import torch
import torch.distributed as dist
import torch.nn.functional as F

from data import Batches
from model import Model, Shape
from muon import Optimiser
from start import prepare

WEIGHT = {"match": 0.3, "own": 0.05, "tally": 0.2, "begin": 0.05, "number": 0.05, "ask": 0.05, "find": 0.4, "copy": 0.3}


def arguments():
    a = argparse.ArgumentParser()
    a.add_argument("--minutes", type=float, default=90)
    a.add_argument("--out", default="run")
    a.add_argument("--tokenizer", default="tokenizer.json")
    a.add_argument("--resume", default="")
    a.add_argument("--begin", type=float, default=0.0, help="progress to begin at, for a resumed run")
    a.add_argument("--seen", type=float, default=0.0, help="millions of tokens seen before, for a resumed run")
    a.add_argument("--decay", type=float, default=0.3, help="share of the run in which the learning rate falls to zero")
    a.add_argument("--batches", type=int, default=1, help="batches per step and process")
    a.add_argument("--together", type=int, default=8, help="steps between two averagings of the processes")
    a.add_argument("--matrix-rate", type=float, default=0.02)
    a.add_argument("--rate", type=float, default=0.003)
    a.add_argument("--guide", type=float, default=1.0, help="weight of the guided attention")
    a.add_argument("--heads", type=int, default=4)
    a.add_argument("--layers", type=int, default=5)
    a.add_argument("--inner", type=int, default=640)
    a.add_argument("--eager", action="store_true")
    return a.parse_args()


@torch.no_grad()
def average(model, world):
    """The processes train on their own and meet every few steps: on a busy machine waiting for each other costs most."""
    if world == 1:
        return
    parameters = list(model.parameters())
    flat = torch.cat([p.reshape(-1) for p in parameters])
    dist.all_reduce(flat)
    flat /= world
    at = 0
    for p in parameters:
        p.copy_(flat[at:at + p.numel()].view_as(p))
        at += p.numel()


def save(path, model, optimiser, progress):
    torch.save({"shape": model.shape.dict(), "model": model.state_dict(), "optimiser": optimiser.state(), "progress": progress}, path + ".part")
    os.replace(path + ".part", path)


def main():
    a = arguments()
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if world > 1:
        dist.init_process_group("gloo")
        torch.set_num_threads(1)
    os.makedirs(a.out, exist_ok=True)
    torch.manual_seed(0)
    model = Model(Shape(heads=a.heads, layers=a.layers, inner=a.inner))
    prepare(model)
    optimiser = Optimiser(model, a.matrix_rate, a.rate)
    if a.resume:
        saved = torch.load(a.resume)
        model.load_state_dict(saved["model"])
        if saved["optimiser"]:
            optimiser.load(saved["optimiser"])
    if not a.eager:
        model.compile()
    batches = Batches(a.tokenizer, seed=rank + 1000 * int(time.time()))
    began, saved_at, step, seen = time.time(), time.time(), 0, 0
    window, loss_sum = time.time(), Counter()
    progress = a.begin
    while True:
        if step % a.together == 0:
            done = torch.tensor(a.begin + (1 - a.begin) * (time.time() - began) / (a.minutes * 60))
            if world > 1:
                dist.broadcast(done, 0)  # all processes must agree on when to stop
            progress = done.item()
        if progress >= 1:
            break
        scale = min(1.0, (step + 1) / (15 if a.resume else 60), (1 - progress) / a.decay)
        for _ in range(a.batches):
            tokens, where, target, weight, guide = batches.next(a.seen + seen / 1e6)
            missed = {}
            hidden = model.hidden(tokens, torch.bfloat16, lambda layer, scores: missed.update(guide.losses(layer, scores)))
            loss = (F.cross_entropy(model.logits(hidden[where]), target, reduction="none") * weight).sum() / weight.sum() / a.batches
            (loss + sum(a.guide * WEIGHT[role] * miss for role, miss in missed.items()) / a.batches).backward()
            loss_sum["loss"] += loss.item()
            for role, miss in missed.items():
                loss_sum[role] += miss.item()
            seen += tokens.numel() * world
        optimiser.step(scale)
        for p in model.parameters():
            p.grad = None
        step += 1
        if step % a.together == 0:
            average(model, world)
        if rank == 0 and step % 40 == 0:
            means = " ".join(f"{k} {v / 40:.3f}" for k, v in loss_sum.items())
            print(f"step {step} progress {progress:.3f} {means} scale {scale:.2f} tokens {seen / 1e6:.2f}M speed {seen / (time.time() - began):.0f} tok/s {(time.time() - window) / 40:.2f} s/step", flush=True)
            window, loss_sum = time.time(), Counter()
        if rank == 0 and step % a.together == 0 and time.time() - saved_at > 180:
            save(f"{a.out}/latest.pt", model, optimiser, progress)
            saved_at = time.time()
    if rank == 0:
        save(f"{a.out}/final.pt", model, optimiser, 1.0)
    if world > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
