"""The page's tables: joint against fixed, layers, measured latencies, how to do it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cosearch.report.formats import (
    MISSING,
    area,
    count,
    memory,
    percent,
    plain,
    quantity,
    shape,
)
from cosearch.report.merit import Merit

Rows = list[tuple[str, ...]]

_METRICS: Final = (
    ("latency", "latency_ms", lambda v: quantity(v, "time", 1e-3)),
    ("energy", "energy_mj", lambda v: quantity(v, "energy", 1e-3)),
    ("chip area", "area_mm2", area),
)
_CHIP: Final = (
    ("cores per PE", "cores", plain),
    ("lanes per core", "lanes", plain),
    ("memory per core", "core_memory_kib", memory),
    ("memory per PE", "pe_memory_kib", memory),
    ("DRAM bandwidth", "dram_gb_per_s", lambda v: f"{plain(v)} GB/s"),
)


def comparison(result: Mapping[str, Any]) -> Rows:
    """(what, joint, fixed, difference) for the metrics, then the chips."""
    fixed = result["fixed_accelerator"]
    rows: Rows = [
        _merits(result, fixed),
        *(
            (what, show(result.get(key)), show(fixed.get(key)), _change(key, result, fixed))
            for what, key, show in _METRICS
        ),
    ]
    chips = (result.get("accelerator", {}), fixed.get("accelerator", {}))
    rows.append(("processing elements", *map(_array, chips), ""))
    rows += [
        (what, *(show(chip[key]) if key in chip else MISSING for chip in chips), "")
        for what, key, show in _CHIP
    ]
    rows.append(("peak throughput", *map(_tops, chips), ""))
    return rows


def _merits(joint: Mapping[str, Any], fixed: Mapping[str, Any]) -> tuple[str, ...]:
    """By what both were ranked."""
    merit = Merit(joint.get("score", {}).get("name", ""))
    a, b = merit.of(joint), merit.of(fixed)
    return (merit.in_search, merit.show(a, 2), merit.show(b, 2), merit.change(a, b))


def _change(key: str, joint: Mapping[str, Any], fixed: Mapping[str, Any]) -> str:
    """Joint relative to fixed, as a percentage."""
    a, b = joint.get(key), fixed.get(key)
    if a is None or not b:
        return MISSING
    return f"{a / b - 1:+.0%}".replace("-", "−")


def _array(chip: Mapping[str, Any]) -> str:
    return f"{chip['pes_x']} × {chip['pes_y']}" if "pes_x" in chip else MISSING


def _tops(chip: Mapping[str, Any]) -> str:
    """Two operations per multiply-accumulate, as the chip's own column says."""
    if "peak_tops" in chip:
        return f"{chip['peak_tops']:.3g} TOPS"
    keys = ("pes_x", "pes_y", "cores", "lanes", "simd_width", "clock_ghz")
    if any(key not in chip for key in keys):
        return MISSING
    product = 2e-3
    for key in keys:
        product *= chip[key]
    return f"{product:.3g} TOPS"


def choices(result: Mapping[str, Any]) -> Rows:
    """(knob, joint, fixed) of the two networks; an inactive knob has no value."""
    joint = result.get("network_choices", {})
    fixed = result.get("fixed_accelerator", {}).get("network_choices", {})
    return [
        (knob, plain(joint.get(knob)), plain(fixed.get(knob)))
        for knob in dict.fromkeys([*joint, *fixed])
    ]


LAYER_HEADER: Final = (
    "layer", "operator", "output", "MACs", "bytes", "time", "bound by", "utilisation", "energy",
)  # fmt: skip


def layers(rows: Sequence[Mapping[str, Any]]) -> Rows:
    """One row per layer under `LAYER_HEADER`."""
    return [
        (
            str(row["name"]),
            str(row.get("op", "")),
            shape(row.get("shape", ())),
            count(row.get("macs")),
            count(row.get("bytes")),
            quantity(row["time_us"], "time", 1e-6),
            str(row["bound_by"]),
            percent(row.get("utilisation")),
            quantity(row.get("energy_uj"), "energy", 1e-6),
        )
        for row in rows
    ]


def measured(data: Mapping[str, Any]) -> Rows:
    """(format, median, low to high) of the latencies on this machine's CPU."""
    rows: Rows = []
    for name, key in (("fp32", "fp32_ms"), ("int8", "int8_ms")):
        if key in data:
            median, low, high = (
                quantity(data[key].get(part), "time", 1e-3) for part in ("median", "low", "high")
            )
            rows.append((name, median, f"{low} to {high}"))
    return rows


_OPTIONS: Final = (
    "accuracy",
    "data",
    "size",
    "images",
    "space",
    "width",
    "on",
    "precision",
    "chips",
    "chip",
    "trials",
    "optimizer",
    "reward",
    "epochs",
    "seed",
    "threads",
)
_LIMITS: Final = (
    ("latency", "latency_s", " s"),
    ("area", "area_mm2", " mm2"),
    ("energy", "energy_j", " J"),
)


def command(result: Mapping[str, Any]) -> str:
    """The command line of the run, rebuilt from its settings."""
    settings = result.get("settings", {})
    parts = ["cosearch", "run", str(result.get("recipe", "nahas"))]
    for name in _OPTIONS:
        if settings.get(name) not in (None, ""):
            parts += [f"--{name}", str(settings[name])]
    for name, key, unit in _LIMITS:
        if settings.get(key) is not None:
            parts += [f"--{name}", f"{settings[key]!r}{unit}"]
    return shlex.join(parts)


def reproducibility(result: Mapping[str, Any]) -> Rows:
    """(what, value): recipe, data, limits, seed, trials, export check, versions, timings."""
    data, search, export = (result.get(key, {}) for key in ("data", "search", "export"))
    rows: Rows = [
        ("recipe", plain(result.get("recipe"))),
        ("seed", plain(result.get("seed"))),
        ("data", f"{plain(data.get('name'))}: {_split(data)}" if data else MISSING),
        ("limits", ", ".join(_limit(k, v) for k, v in result.get("limits", {}).items()) or "none"),
        ("trials", f"{count(search.get('trials'))}, {count(search.get('feasible'))} feasible"),
    ]
    if "max_abs_difference_fp32" in export:
        rows.append(("export, fp32", _export(export)))
    if "agreement_int8" in export:
        rows.append(
            ("export, int8", f"{percent(export['agreement_int8'])} of predictions as in torch")
        )
    versions = [f"{name} {version}" for name, version in result.get("versions", {}).items()]
    rows.append(("versions", ", ".join(versions) or MISSING))
    rows.append(("time taken", ", ".join(_timings(result)) or MISSING))
    return rows


def _timings(result: Mapping[str, Any]) -> list[str]:
    return [
        f"{key.removesuffix('_s').replace('_', ' ')} {value:.1f} s"
        for key, value in result.get("timings", {}).items()
        if isinstance(value, int | float)
    ]


def _split(data: Mapping[str, Any]) -> str:
    parts = [f"{count(data.get(part))} {part}" for part in ("train", "validation", "test")]
    image = shape(data.get("input_shape", ()))
    return f"{', '.join(parts)}; {plain(data.get('classes'))} classes, images {image}"


def _limit(key: str, value: float) -> str:
    name, _, unit = key.rpartition("_")
    kinds = {"ms": ("time", 1e-3), "mj": ("energy", 1e-3), "mm2": ("area", 1.0)}
    if unit not in kinds:
        return f"{key} {value:g}"
    return f"{name} {quantity(value, *kinds[unit])}"


def _export(export: Mapping[str, Any]) -> str:
    tolerance = export.get("tolerance_fp32")
    allowed = "" if tolerance is None else f" (tolerance {tolerance:.2g})"
    return f"largest difference from torch {export['max_abs_difference_fp32']:.2g}{allowed}"
