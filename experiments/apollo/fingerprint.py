"""A short name for what a run depends on: change it, and the run on record counts no more.

Of the strategy, the code that it imports from the search room, less comments and docstrings.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from cosearch.errors import unknown
from cosearch.search import OPTIMIZERS
from experiments.apollo.chips import FAMILY, Chips
from experiments.apollo.play import PROTOCOL
from experiments.apollo.run import Run, networks
from experiments.apollo.transfer import TAUGHT, TEACHER
from experiments.apollo.workloads import WORKLOADS

_ROOM: Final = "cosearch.search."
_KNOWN: Final = "cosearch.search.known"
_PRIOR: Final = "cosearch.search.prior"
_REGISTRY: Final = "cosearch.search.registry"  # imports every strategy, and decides nothing
_SAMPLES: Final = 64


def fingerprint(run: Run) -> str:
    """Of the strategy's code, the problem's figures and the protocol."""
    parts = [str(PROTOCOL), code(run.strategy), figures(networks(run.workload))]
    if run.telling == "known":
        parts.append(wrapper(_KNOWN))
    if run.source:
        parts += [wrapper(_PRIOR), code(TEACHER), str(TAUGHT)]
    if run.source in WORKLOADS:
        parts.append(figures(networks(run.source)))
    return _hash(parts)


@cache
def code(strategy: str) -> str:
    """Of all modules that the strategy is made of."""
    if strategy not in OPTIMIZERS:
        raise unknown("optimizer", strategy, OPTIMIZERS)
    make = OPTIMIZERS[strategy]
    bound = make if isinstance(make, partial) else partial(make)
    return _hash([strategy, repr(bound.keywords), *_sources(bound.func.__module__)])


@cache
def wrapper(module: str) -> str:
    """Of what stands between a strategy and a run."""
    return _hash(_sources(module))


@cache
def figures(names: tuple[str, ...]) -> str:
    """Of a sample of designs: it changes with the networks, the space and the cost model."""
    genomes = FAMILY.space.sample(np.random.default_rng(0), _SAMPLES)
    rows = zip(*Chips.of(*names).evaluate(genomes), strict=True)
    return _hash([f"{latency:.6g} {area:.6g}" for latency, area in rows])


def _sources(module: str) -> list[str]:
    """Of a module and all that it imports from the room, by name."""
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name == _REGISTRY or not name.startswith(_ROOM):
            continue
        tree = _tree(name)
        found[name] = ast.unparse(tree)
        waiting += _imported(tree)
    return [found[name] for name in sorted(found)]


def _imported(tree: ast.Module) -> Iterator[str]:
    """Modules of the room that are named, whether as one or as a name in its package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_ROOM):
            yield str(node.module)
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in names if _is_module(name))


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # its parent is no package
        return False


def _tree(module: str) -> ast.Module:
    """Without docstrings; the parser drops comments."""
    tree = ast.parse(Path(str(import_module(module).__file__)).read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _is_text(line)] or [ast.Pass()]  # type: ignore[attr-defined]
    return tree


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _hash(parts: list[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]
