"""What int8 must cover: the values that a float32 file's tensors take."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray


def find_ranges(data: bytes, images: Float[ndarray, "n h w c"]) -> dict[str, tuple[float, float]]:
    """Smallest and largest value of every activation while `images` run through the file."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=data,
        experimental_preserve_all_tensors=True,
        # a delegate would keep what lies between its operators to itself
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], images)
    interpreter.invoke()
    floats = [each for each in interpreter.get_tensor_details() if each["dtype"] is np.float32]
    values = {each["name"]: interpreter.get_tensor(each["index"]) for each in floats}
    return {name: (float(each.min()), float(each.max())) for name, each in values.items()}
