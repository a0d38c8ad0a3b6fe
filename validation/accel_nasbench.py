"""Measured throughput of Accel-NASBench's networks, predicted with no, 20 and all measurements.

    python -m validation.accel_nasbench --data FILE.csv [--train FILE.csv] [--out FILE.json]

docs/validation/accel_nasbench.md says what is compared. With --train, networks are measured and
learned there, and all rows of --data are reported. Without it the rows are split: 1,000 with which
the model's structure was chosen are never reported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from cosearch.benchmarks import AccelNASBench, accel_nasbench
from cosearch.cost.learned.boosted_correction import boost
from cosearch.cost.learned.correction import Correction, correct, correct_best
from cosearch.cost.learned.correction_choice import choose
from cosearch.cost.learned.features import one_hot
from cosearch.cost.learned.operator_times import OperatorTimes
from cosearch.errors import CosearchError
from validation.accel_nasbench_settings import OTHERS, SETTINGS, DpuSetting, Setting
from validation.common import Figures, main, spearman

SAMPLES: Final = 20
SEEDS: Final = 7
POOL: Final = 400  # networks at random, of which the samples are chosen
TO_REACH: Final = {"a100": 0.995, "3090": 0.995, "tpuv2": 0.97, "tpuv3": 0.96}
CARDINALITIES: Final = (3, 2, 3, 2) * 5 + (3, 2, 4, 2) + (3, 2, 3, 2)


@dataclass(frozen=True)
class Rows:
    """Training and reported networks in one table; places of each."""

    choices: np.ndarray
    macs: np.ndarray
    seconds: dict[str, np.ndarray]  # an image, by device
    train: np.ndarray
    unseen: np.ndarray  # for what takes no training
    report: np.ndarray  # for what does


def read(data: Path, train: Path | None) -> Rows:
    """Both files, or one split in development, training and reported rows."""
    tables = [accel_nasbench(path) for path in (data, train) if path]
    devices = [name for name in tables[0].throughput_per_s if _all_know(name, tables)]
    count, total = len(tables[0]), sum(map(len, tables))
    if train:
        trained, unseen = np.arange(count, total), np.arange(count)
        report = unseen
    else:
        trained, unseen, report = split(count)
    return Rows(
        np.concatenate([table.choices for table in tables]),
        np.concatenate([table.macs for table in tables]),
        {d: 1 / np.concatenate([t.throughput_per_s[d] for t in tables]) for d in devices},
        trained,
        unseen,
        report,
    )


def _all_know(device: str, tables: list[AccelNASBench]) -> bool:
    return all(
        device in t.throughput_per_s and (t.throughput_per_s[device] > 0).all() for t in tables
    )


def split(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(to train on, not of the development rows, of these a fifth to report on what was trained).

    The first 500 development rows are those of an early look; 500 more were drawn from the rest.
    """
    if count < 4 * SAMPLES:
        raise CosearchError(f"{count} rows: at least {4 * SAMPLES} are needed to split them")
    part = min(500, count // 8)
    first = np.random.default_rng(0).choice(count, part, replace=False)
    rest = np.setdiff1d(np.arange(count), first)
    second = np.random.default_rng(1).choice(rest, part, replace=False)
    unseen = np.setdiff1d(rest, second)
    report = np.sort(np.random.default_rng(2).choice(unseen, len(unseen) // 5, replace=False))
    return np.setdiff1d(np.arange(count), report), unseen, report


# ---- figures of one device


def zero_shot(rows: Rows, device: str, times: OperatorTimes) -> dict[str, float]:
    """Ranks by the model, and by MACs; nothing measured."""
    unseen, truth = rows.unseen, rows.seconds[device]
    return {
        "zero-shot, Spearman": spearman(times.total_s[unseen], truth[unseen]),
        "MACs, Spearman": spearman(rows.macs[unseen], truth[unseen]),
        "zero-shot, measured over modelled": float(
            np.median(truth[unseen] / times.total_s[unseen])
        ),
    }


def few(rows: Rows, device: str, models: list[OperatorTimes], *, chosen: bool) -> dict[str, float]:
    """Medians over seeds of a correction fitted to 20 networks."""
    found = [_few(rows, device, models, seed, chosen) for seed in range(SEEDS)]
    name = f"{SAMPLES} samples" if chosen else f"{SAMPLES} random samples"
    medians = np.median(found, axis=0)
    return {
        f"{name}, MAPE %": float(medians[0]),
        f"{name}, Spearman": float(medians[1]),
        f"{name}, within 2 deviations %": float(medians[2]),
    }


def not_inferred(rows: Rows, device: str, setting: DpuSetting) -> dict[str, float]:
    """As `few`, by a model without the constants that development rows gave."""
    model = replace(setting, inferred=False).times(rows.choices)
    found = few(rows, device, [model], chosen=True)
    return {f"nothing inferred, {name}": value for name, value in found.items()}


def _few(
    rows: Rows, device: str, models: list[OperatorTimes], seed: int, chosen: bool
) -> tuple[float, float, float]:
    truth, report = rows.seconds[device], rows.report
    pool = np.random.default_rng(seed).permutation(rows.train)[:POOL]
    picked = pool[choose(models[0][pool], SAMPLES)] if chosen else pool[:SAMPLES]
    best, correction = correct_best([model[picked] for model in models], truth[picked])
    seconds, deviation = correction.predict(models[best][report])
    inside = np.abs(np.log(seconds / truth[report])) < 2 * deviation
    return mape(seconds, truth[report]), spearman(seconds, truth[report]), 100 * inside.mean()


def everything(rows: Rows, device: str, models: list[OperatorTimes]) -> dict[str, float]:
    """All training rows: the correction, boosted; and plain boosting on the choices."""
    truth, train, report = rows.seconds[device], rows.train, rows.report
    best = _best(models, rows, device)
    correction: Correction = correct(models[best][train], truth[train])
    inputs = one_hot(_indices(rows.choices), CARDINALITIES)
    seconds = boost(correction, inputs[train]).predict(models[best][report], inputs[report])
    alone, _ = correction.predict(models[best][report])
    plain = _plain(inputs[train], truth[train], inputs[report])
    return {
        "all rows, MAPE %": mape(seconds, truth[report]),
        "all rows, Spearman": spearman(seconds, truth[report]),
        "all rows, correction alone, MAPE %": mape(alone, truth[report]),
        "plain boosting, MAPE %": mape(plain, truth[report]),
        "plain boosting, Spearman": spearman(plain, truth[report]),
    }


def _best(models: list[OperatorTimes], rows: Rows, device: str) -> int:
    few_rows = rows.train[:100]
    return correct_best([m[few_rows] for m in models], rows.seconds[device][few_rows])[0]


def _plain(inputs: np.ndarray, seconds: np.ndarray, asked: np.ndarray) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(max_iter=600, learning_rate=0.06, random_state=0)
    return np.exp(trees.fit(inputs, np.log(seconds)).predict(asked))


def noise(rows: Rows, device: str) -> dict[str, float]:
    """What a network measured twice says of the error that nobody can avoid."""
    _, inverse, counts = np.unique(rows.choices, axis=0, return_inverse=True, return_counts=True)
    pairs = [np.flatnonzero(inverse.reshape(-1) == i)[:2] for i in np.flatnonzero(counts > 1)]
    if not pairs:
        return {}
    first, second = rows.seconds[device][np.array(pairs).T]
    apart = np.abs(np.log(first / second)).mean() / np.sqrt(2)
    return {f"measured twice ({len(pairs)} networks), error of one %": float(100 * apart)}


def mape(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Of throughput, the reciprocal of time, in percent."""
    return float(100 * np.mean(np.abs(truth / predicted - 1)))


def _indices(choices: np.ndarray) -> np.ndarray:
    """Values of the choices as places among them."""
    indices = choices.copy()
    indices[:, 0::4] = np.searchsorted((1, 4, 6), choices[:, 0::4])
    indices[:, 1::4] = np.searchsorted((3, 5), choices[:, 1::4])
    indices[:, 2::4] -= 1
    return indices


def validate(data: Path, train: Path | None = None) -> Figures:
    """Figures of every device of the files."""
    rows = read(data, train)
    print(
        f"{len(rows.train)} rows to train on, {len(rows.report)} reported "
        f"({len(rows.unseen)} of what is not trained)"
    )
    known: dict[Setting | DpuSetting, OperatorTimes] = {}
    figures: dict[str, float] = {}
    for device in rows.seconds:
        settings = (SETTINGS[device],) if device in SETTINGS else OTHERS
        for setting in settings:
            if setting not in known:
                known[setting] = setting.times(rows.choices)
        models = [known[setting] for setting in settings]
        found = zero_shot(rows, device, models[0]) if device in SETTINGS else {}
        found |= few(rows, device, models, chosen=True) | few(rows, device, models, chosen=False)
        found |= everything(rows, device, models) | noise(rows, device)
        if device in SETTINGS and isinstance(settings[0], DpuSetting):
            found |= not_inferred(rows, device, settings[0])
        show(device, found)
        figures |= {f"{device}: {name}": value for name, value in found.items()}
    return figures | summary(rows, figures)


def show(device: str, found: dict[str, float]) -> None:
    """Each target beside what was reached."""
    wanted = {
        "zero-shot, Spearman": TO_REACH.get(device),
        f"{SAMPLES} samples, MAPE %": 4.0,
        f"{SAMPLES} samples, Spearman": 0.98,
        "all rows, MAPE %": 1.5,
    }
    for name, target in wanted.items():
        if name in found and target is not None:
            met = found[name] <= target if name.endswith("%") else found[name] >= target
            verdict = "met" if met else "missed"
            print(f"{device:8}{name:28}{found[name]:8.4f}   to reach {target:<6}{verdict}")


def summary(rows: Rows, figures: dict[str, float]) -> dict[str, float | int]:
    """Means over devices, and how many rows they are of."""
    names = (f"{SAMPLES} samples, MAPE %", f"{SAMPLES} samples, Spearman", "all rows, MAPE %")
    means = {
        f"mean over devices: {name}": float(
            np.mean([value for key, value in figures.items() if key.endswith(": " + name)])
        )
        for name in names
    }
    return means | {"rows reported": len(rows.report), "rows reported, zero-shot": len(rows.unseen)}


if __name__ == "__main__":
    main(__doc__ or "", "accel_nasbench/accel_nasbench.csv", validate, trains=True)
