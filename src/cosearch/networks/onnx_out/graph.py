"""`Graph`: ONNX nodes and constants as they are added."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray


class Graph:
    """Grows node by node; every method returns the name of the tensor it makes."""

    def __init__(self, reserved: tuple[str, ...], batch: int | None) -> None:
        self.batch = batch  # None: any
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._taken = set(reserved)

    def name(self, wanted: str) -> str:
        """`wanted`, or that with a number if it is taken."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name

    def add(self, op: str, inputs: tuple[str, ...], name: str, **attributes: Any) -> str:
        """A node of one output."""
        from onnx import helper

        made = self.name(name)
        self.nodes.append(helper.make_node(op, list(inputs), [made], name=made, **attributes))
        return made

    def constant(self, values: ndarray, name: str) -> str:
        """Weights, stored in the file."""
        from onnx import numpy_helper

        made = self.name(name)
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), made))
        return made

    def integers(self, values: tuple[int, ...], name: str) -> str:
        """Sizes or axes, which newer operator sets take as a tensor."""
        return self.constant(np.array(values, dtype=np.int64), name)

    def number(self, value: float, name: str) -> str:
        """A float32 scalar."""
        return self.constant(np.array(value, dtype=np.float32), name)

    def rename(self, old: str, new: str) -> None:
        """Call the tensor `old` `new` everywhere."""
        for node in self.nodes:
            for names in (node.input, node.output):
                for i, name in enumerate(names):
                    if name == old:
                        names[i] = new
