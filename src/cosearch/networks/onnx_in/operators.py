"""The operators of ONNX: for each, how it becomes drafts. One table, read by one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cosearch.networks.onnx_in.draft import Drafts, Result, Step
from cosearch.networks.onnx_in.elementwise import ELEMENTWISE
from cosearch.networks.onnx_in.products import PRODUCTS
from cosearch.networks.onnx_in.views import VIEWS
from cosearch.networks.onnx_in.windows import WINDOWS

Handler = Callable[[Drafts, Step], Result | tuple[Result, ...]]

HANDLERS: Final[dict[str, Handler]] = {**PRODUCTS, **WINDOWS, **ELEMENTWISE, **VIEWS}
