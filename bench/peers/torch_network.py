"""A network of bench.networks as a PyTorch module."""

from bench import networks


def load(torch, folder):
    """(module that gives scores before the softmax, arrays of the folder)."""
    steps, arrays = networks.read(folder)
    return network_class(torch)(steps, arrays), arrays


def network_class(torch):
    nn, functional = torch.nn, torch.nn.functional

    class Network(nn.Module):
        """Runs the steps in order; tensors are freed after their last use."""

        def __init__(self, steps, arrays):
            super().__init__()
            self.steps = [step for step in steps if step["kind"] != "softmax"]
            self.parts = nn.ModuleDict()
            last = {}
            for i, step in enumerate(self.steps):
                last.update(dict.fromkeys(step["inputs"], i))
                made = part(torch, step, lambda key, name=step["name"]: arrays.get(f"{name}/{key}"))
                if made is not None:
                    self.parts[step["name"].replace(".", "_")] = made
            self.freed = [[name for name, at in last.items() if at == i] for i in range(len(self.steps))]

        def forward(self, x):
            known = {"input": x}
            for step, freed in zip(self.steps, self.freed, strict=True):
                given = [known[name] for name in step["inputs"]]
                kind = step["kind"]
                if kind == "add":
                    x = given[0] + given[1]
                elif kind == "relu":
                    x = functional.relu(given[0])
                elif kind == "relu6":
                    x = functional.relu6(given[0])
                elif kind == "flatten":
                    x = torch.flatten(given[0], 1)
                elif kind == "global_average":
                    x = given[0].mean((2, 3))
                elif kind == "pad_channels":
                    x = functional.pad(given[0], (0, 0, 0, 0, *step["edges"]))
                else:
                    x = self.parts[step["name"].replace(".", "_")](given[0])
                known[step["name"]] = x
                for name in freed:
                    del known[name]
            return x

    return Network


def part(torch, step, array):
    """The layer with weights (or a mode) of one step; None for those that are functions."""
    nn, kind = torch.nn, step["kind"]
    if kind == "dropout":
        return nn.Dropout(step["rate"])
    if kind == "max_pool":
        return nn.MaxPool2d(tuple(step["size"]), tuple(step["strides"]), symmetric(step["pads"]))
    if kind == "conv":
        return convolution(torch, step, array("w"), array("b"))
    if kind == "norm":
        made = nn.BatchNorm2d(len(array("gamma")), step["epsilon"], 1 - step["momentum"])
        values = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "variance"}
        made.load_state_dict({k: torch.from_numpy(array(v)) for k, v in values.items()}, strict=False)
        return made
    if kind == "dense":
        made = nn.Linear(*array("w").shape)
        made.load_state_dict(
            {"weight": torch.from_numpy(array("w").T.copy()), "bias": torch.from_numpy(array("b"))}
        )
        return made
    return None


def convolution(torch, step, w, b):
    filters, channels, *kernel = w.shape
    groups = step["groups"]
    made = torch.nn.Conv2d(
        channels * groups,
        filters,
        tuple(kernel),
        tuple(step["strides"]),
        symmetric(step["pads"]),
        groups=groups,
        bias=b is not None,
    )
    state = {"weight": torch.from_numpy(w)} | ({} if b is None else {"bias": torch.from_numpy(b)})
    made.load_state_dict(state)
    return made


def symmetric(pads):
    """PyTorch pads both sides alike, as torchvision's networks do: the same work and output size, for even
    sizes and stride 2 shifted by a pixel.
    """
    return tuple(max(pair) for pair in pads)
