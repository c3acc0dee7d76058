"""PyTorch's side: channels_last, eager, the loop of its own tutorials."""

import numpy as np

from bench import cases
from bench.harness import memory
from bench.peers import network_runs, torch_network


def build(case):
    import torch

    torch.set_num_threads(case["threads"])
    kinds = {"train_mnist": train_mnist, "convolution": convolution, "dense": dense}
    return (kinds | {"infer": infer, "train": train, "augment": augment})[case["kind"]](torch, case)


def images_first(torch, x):
    """Images (n, h, w, c) as a tensor (n, c, h, w) that lies in memory as they do."""
    x = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    return x.contiguous(memory_format=torch.channels_last)


def infer(torch, case):
    """Frozen TorchScript: batch normalisation folded, as PyTorch recommends for inference."""
    arrays = network_runs.sample(case)
    before = network_runs.now()
    model, _ = torch_network.load(torch, case["folder"])
    model = model.eval().to(memory_format=torch.channels_last)
    x = images_first(torch, network_runs.batch(case, arrays["sample"]))
    with torch.inference_mode():
        model = torch.jit.freeze(torch.jit.trace(model, x))

    def forward():
        with torch.inference_mode():
            return torch.softmax(model(x), -1).numpy()

    return network_runs.run(case, before, arrays, forward)


def train(torch, case):
    x, y = network_runs.training_data(case)
    before = network_runs.now()
    model, _ = torch_network.load(torch, case["folder"])
    return epochs(torch, case, model.to(memory_format=torch.channels_last), x, y, before)


def epochs(torch, case, model, x, y, before):
    """One shuffled epoch per run, with loss and accuracy, as in PyTorch's tutorials."""
    x, y = images_first(torch, x), torch.from_numpy(y).long()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    loss_function = torch.nn.CrossEntropyLoss()
    model.train()

    def run():
        order = torch.randperm(len(x))
        total, hits = 0.0, 0
        for begin in range(0, len(x), case["batch"]):
            index = order[begin : begin + case["batch"]]
            images, labels = x[index].contiguous(memory_format=torch.channels_last), y[index]
            optimizer.zero_grad(set_to_none=True)
            scores = model(images)
            loss = loss_function(scores, labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
            hits += (scores.argmax(1) == labels).sum().item()

    run.facts = {"before_bytes": before}
    return run


def train_mnist(torch, case):
    x, y = cases.images(case)
    before = memory("VmRSS")
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(1600, 10),
    ).to(memory_format=torch.channels_last)  # fmt: skip
    return epochs(torch, case, model, x, y, before)


def run_layer(torch, layer, x, case):
    if case["direction"] == "forward":

        def forward():
            with torch.inference_mode():
                layer(x)

        return forward
    x.requires_grad_(True)
    y = layer(x)
    dy = torch.randn_like(y)
    wanted = [x, *layer.parameters()]
    return lambda: torch.autograd.grad(y, wanted, dy, retain_graph=True)


def convolution(torch, case):
    x, w, _ = cases.convolution(case)
    rank = len(case["kernel"])
    kernel, strides = tuple(case["kernel"]), tuple(case["strides"])
    layer_class = (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)[rank - 1]
    padding, groups = tuple(k // 2 for k in kernel), case.get("groups", 1)
    layer = layer_class(x.shape[-1], w.shape[-1], kernel, strides, padding=padding, groups=groups)
    tensor = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))
    if rank > 1:
        layout = torch.channels_last if rank == 2 else torch.channels_last_3d
        layer, tensor = layer.to(memory_format=layout), tensor.contiguous(memory_format=layout)
    return run_layer(torch, layer, tensor, case)


def dense(torch, case):
    x, w, _ = cases.dense(case)
    return run_layer(torch, torch.nn.Linear(*w.shape), torch.from_numpy(x), case)


def augment(torch, case):
    """The code of torchvision's transforms, for a batch: one grid_sample for each map, on planes."""
    functional = torch.nn.functional
    x = torch.from_numpy(np.ascontiguousarray(cases.photographs(case).transpose(0, 3, 1, 2)))
    if case.get("channels_last"):
        x = x.contiguous(memory_format=torch.channels_last)

    def warp(images, matrices):
        grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)
        return functional.grid_sample(
            images, grid, mode="bilinear", padding_mode="reflection", align_corners=False
        )

    def matrices(a, b, c, d):
        zero = torch.zeros_like(a)
        return torch.stack([torch.stack([a, b, zero], 1), torch.stack([c, d, zero], 1)], 1)

    def flip(images):
        coins = torch.rand(len(images), 1, 1, 1) < 0.5
        return torch.where(coins, images.flip(-1), images)

    def rotation(images):
        angle = (torch.rand(len(images)) * 0.2 - 0.1) * (2 * torch.pi)
        cos, sin = torch.cos(angle), torch.sin(angle)
        return warp(images, matrices(cos, -sin, sin, cos))

    def zoom(images):
        scale = torch.rand(len(images)) * 0.4 + 0.8
        return warp(images, matrices(scale, torch.zeros_like(scale), torch.zeros_like(scale), scale))

    def contrast(images):
        factor = torch.rand(len(images), 1, 1, 1) * 0.3 + 1
        mean = images.mean((-2, -1), keepdim=True)
        return ((images - mean) * factor + mean).clamp(0, 255)

    steps = {"flip": flip, "rotation": rotation, "zoom": zoom, "contrast": contrast}

    def run():
        images = x
        with torch.inference_mode():
            for step in case["steps"]:
                images = steps[step](images)

    return run
