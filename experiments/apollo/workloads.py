"""Seven networks of our references that match Apollo's seven in kind and size; three to tune on."""

from __future__ import annotations

from typing import Final

# Apollo's name -> ours. Apollo's sizes (MACs, parameters), which facts mark as remembered, beside
# what `cosearch profile` says of ours.
WORKLOADS: Final = {
    "M1": "mobilenet-v2-1.0",  # classification: 301 M, 3.3 M; ours 301 M, 3.5 M
    "M2": "mobilenet-edgetpu-1.0",  # classification: 991 M, 3.9 M; ours 991 M, 4.1 M
    "M3": "mobiledet-cpu",  # detection: 464 M, 2.2 M; ours 408 M, 3.0 M
    "M4": "mobilenet-v1-0.25@352",  # detection: 107 M, 0.4 M; ours 101 M, 0.5 M
    "M5": "ssd-mobilenet-v1@352",  # detection: 1,721 M, 6.3 M; ours 1,703 M, 6.8 M
    "M6": "unet-mobilenet-v2@320",  # segmentation: 3,471 M, 0.4 M; ours 3,659 M, 6.5 M
    "M7": "mobilenet-v2-0.35@64",  # OCR: 5 M; ours 4.8 M
}

# What strategies may be tuned on, so that the seven above stay a fair test of them.
TUNING: Final = ("efficientnet-lite0", "squeezenet-1.1", "resnet-18")
TUNING_AREAS_MM2: Final = (10.0, 4.0)

AREAS_MM2: Final = (6.8, 5.8, 4.8)
