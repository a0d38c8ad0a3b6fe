"""Data sets and zero-cost proxies by name, for people; imports no torch, so that the command line
may list them.
"""

from __future__ import annotations

from typing import Final

DATASETS: Final[dict[str, str]] = {
    "digits": "1,797 handwritten digits, 8x8 grey, 10 classes; comes with scikit-learn",
    "cifar10": "60,000 photos, 32x32 colour, 10 classes; 170 MB, or in COSEARCH_DATA",
    "fashion-mnist": "70,000 clothes, 28x28 grey, 10 classes; 31 MB, or in COSEARCH_DATA",
    "folder:PATH": "your own images: one sub-folder per class, any size, grey or colour",
}

PROXIES: Final[dict[str, str]] = {
    "fisher": "what each channel adds to the loss, squared and summed; images and labels",
    "grad_norm": "the norms of the weights' gradients, summed; images and labels",
    "grasp": "whether weights keep the gradient flowing; images and labels; dear",
    "jacob_cov": "how unlike the Jacobians of different images are; images",
    "macs": "multiply-accumulates: a baseline",
    "naswot": "how unlike the codes are that ReLUs give to images; images",
    "params": "parameters: a baseline",
    "snip": "what taking each weight away would change; images and labels",
    "synflow": "how much the paths through the weights carry; no data",
    "zen": "how far features move when the input does; no data",
}
