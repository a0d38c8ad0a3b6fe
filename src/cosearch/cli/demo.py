"""`demo`: the recipe `nahas` on handwritten digits, in minutes."""

from __future__ import annotations

import os

from cosearch.cli.run.start import Json, Out, Seed, start


def demo(out: Out = None, seed: Seed = 0, as_json: Json = False) -> None:
    """Search a digit classifier and its accelerator, train, quantise, export, explain."""
    start("nahas", out, "demo", as_json, seed=seed, workers=min(2, os.cpu_count() or 1))
