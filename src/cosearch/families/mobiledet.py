"""The spaces of MobileDets (arXiv 2004.14525), as backbones up to C5 for images of 320 pixels.

For the DSP and the Edge TPU one of eight to twelve blocks per layer: inverted, fused inverted and
Tucker bottlenecks, each with two kernels and two ratios; for the CPU inverted bottlenecks with
squeeze alone. Layers after the first of a stage may be skipped. The widths are those of the three
released backbones, and of some between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Block, Plan, Stage
from cosearch.families.widths import scaled_width
from cosearch.networks.network import Shape
from cosearch.space import Choice
from cosearch.zoo import mobiledet
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import Row

# stride, layers, channels
_STAGES: Final = (
    (1, 1, (8, 16, 24, 32)),
    (2, 4, (16, 24, 32)),
    (2, 4, (32, 40, 48, 64)),
    (2, 4, (72, 96, 120)),
    (1, 4, (72, 96, 120, 144)),
    (2, 4, (104, 120, 160)),
    (1, 1, (144, 192, 240, 320, 384)),
)
_RATIOS: Final[Mapping[str, tuple[float, ...]]] = {
    "ibn": (4.0, 8.0),
    "fused": (4.0, 8.0),
    "tucker": (0.25, 0.75),  # compression
}
_KERNELS: Final = (3, 5)


def mobiledet_family(
    image: Shape = (3, 320, 320), classes: int = 0, *, width: float = 1.0, unstrided: int = 0
) -> ChainFamily:
    """For the DSP and the Edge TPU; a backbone, or with classes a classifier."""
    networks = {"mobiledet-dsp": mobiledet.DSP, "mobiledet-edgetpu": mobiledet.EDGETPU}
    table = mobiledet.backbone(32, (), "relu6")
    stages = _stages(("ibn", "fused", "tucker"), ("ibn", "tucker"), 0.0)
    plan = Plan("mobiledet", replace(table, classes=classes), tuple(stages), image)
    return _family(fitted(plan, width, unstrided), networks)


def mobiledet_cpu_family(
    image: Shape = (3, 320, 320), classes: int = 0, *, width: float = 1.0, unstrided: int = 0
) -> ChainFamily:
    """For the CPU."""
    table = mobiledet.backbone(16, (), "hswish")
    stages = _stages(("ibn",), ("ibn",), 0.25)
    plan = Plan("mobiledet-cpu", replace(table, classes=classes), tuple(stages), image)
    return _family(fitted(plan, width, unstrided), {"mobiledet-cpu": mobiledet.CPU})


def _family(plan: Plan, networks: Mapping[str, mobiledet.Stages]) -> ChainFamily:
    references = {network: _values(stages, plan.width) for network, stages in networks.items()}
    return ChainFamily(plan.chain(), references, "arXiv 2004.14525")


def _stages(operators: tuple[str, ...], narrow: tuple[str, ...], squeeze: float) -> Iterator[Stage]:
    """`narrow` are the operators of the first layer, where an inverted bottleneck is none."""
    codes = _codes(operators, _RATIOS)
    for i, (stride, layers, channels) in enumerate(_STAGES):
        row = Row("ibn", 3, stride, 1, channels[0], squeeze=squeeze, shortcut="none")
        first = codes if i else _codes(narrow, {**_RATIOS, "ibn": (1.0,)})
        begin = Block(row, {"operator": first}, read=_read)
        more = replace(row, stride=1, shortcut="identity")
        later = Block(more, {"operator": (*codes, "skip")}, read=_read)
        yield Stage((begin, *[later] * (layers - 1)), {"channels": channels})


# ---- blocks, each as one choice


def _codes(operators: tuple[str, ...], ratios: Mapping[str, tuple[float, ...]]) -> tuple[str, ...]:
    return tuple(_code(op, k, ratio) for op in operators for k in _KERNELS for ratio in ratios[op])


def _code(operator: str, kernel: int, ratio: float) -> str:
    return f"{operator}_k{kernel}_{ratio:g}"


def _read(row: Row, chosen: dict[str, Any]) -> Row:
    operator, *shape = chosen.pop("operator").split("_")
    row = replace(row, operator=operator, **chosen)
    if not shape:
        return row
    return replace(row, kernel=int(shape[0].removeprefix("k")), expansion=float(shape[1]))


def _values(stages: mobiledet.Stages, width: float) -> dict[str, Choice]:
    """Knob values of a released backbone."""
    values: dict[str, Choice] = {}
    for i, ((_, layers, _), stage) in enumerate(zip(_STAGES, stages, strict=True)):
        rows = [block for row in stage for block in blocks(row)]
        values[f"stage{i}.channels"] = scaled_width(rows[0].channels, width)
        codes = [_code(row.operator, row.kernel, float(row.expansion)) for row in rows]
        for j, code in enumerate(codes + ["skip"] * (layers - len(codes))):
            values[f"stage{i}.block{j}.operator"] = code
    return values
