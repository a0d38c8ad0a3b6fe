"""What trials of another problem were worth; and the goals in trials, without them and with."""

from __future__ import annotations

from typing import Final

from experiments.apollo.markdown import NOTHING, p_value, percent, regret, table, trials
from experiments.apollo.plan import OURS
from experiments.apollo.results import Place, Results, middle
from experiments.apollo.significance import compare, holm
from experiments.apollo.workloads import AREAS_MM2

_AFTER: Final = (0, 64, 128, 256)
_TESTED: Final = 128  # trials
GOAL: Final = 0.01
WITHIN: Final = {"none": 512, "area": 128, "workload": 128}  # trials
_WORDS: Final = {"none": "512", "area": "128 from an area", "workload": "128 from a workload"}
_TOLD: Final = ("violations", "known")


def transfer_table(results: Results, telling: str, area: float, source: str) -> str:
    """A line per strategy: median regret without and with; p-value that it is lower with."""
    without = results.where(telling, areas=[area], strategies=OURS)
    having = results.where(telling, areas=[area], strategies=OURS, source=source)
    names = [name for name in OURS if name in having.strategies]
    pairs = [(without.by(name), having.by(name)) for name in names]
    tested = [compare(b.latencies(_TESTED), a.latencies(_TESTED)).p for a, b in pairs]
    lines = [
        [f"`{name}`", *_both(*pair), p_value(p)]
        for name, pair, p in zip(names, pairs, holm(tested), strict=True)
    ]
    header = ["strategy", *(f"{after}" for after in _AFTER)]
    return table([*header, "to 1 %", "nothing feasible", f"p at {_TESTED}"], lines)


def _both(without: Results, having: Results) -> list[str]:
    """Without, then with."""
    cells = [
        " → ".join(regret(middle(runs.regrets(after))) for runs in (without, having))
        for after in _AFTER
    ]
    runs = [each for each in (without, having) if each.records]
    needed = " → ".join(trials(middle(each.trials_to(GOAL))) for each in runs)
    failed = " → ".join(percent(each.never_feasible()) for each in runs)
    return [*cells, needed, failed]


def reached_table(results: Results) -> str:
    """On how many places the median run is within 1 % of the optimum in time, by strategy.

    Told violations or the area known; without transfer, from an area, from a workload. Transfer is
    counted where it was run: told violations to the least area, with the area known to all, the
    widest from another workload and the others from the widest.
    """
    kinds = {
        (telling, source): results.where(telling, areas=AREAS_MM2, strategies=OURS, source=source)
        for telling in _TOLD
        for source in WITHIN
    }
    header = ["strategy", *(f"{telling}, {_WORDS[source]}" for telling, source in kinds)]
    names = [name for name in OURS if any(runs.by(name).records for runs in kinds.values())]
    lines = []
    best: dict[tuple[str, str], set[Place]] = {kind: set() for kind in kinds}
    for name in names:
        cells = []
        for kind, runs in kinds.items():
            mine = runs.by(name)
            reached = {place for place in mine.places if _reached(mine.at(place), kind[1])}
            best[kind] |= reached
            cells.append(_share(reached, mine))
        lines.append([f"`{name}`", *cells])
    last = [_share(best[kind], runs) for kind, runs in kinds.items()]
    return table(header, [*lines, ["the best at each", *last]])


def _share(reached: set[Place], runs: Results) -> str:
    return f"{len(reached)} of {len(runs.places)}" if runs.places else NOTHING


def _reached(runs: Results, source: str) -> bool:
    return middle(runs.trials_to(GOAL)) <= WITHIN[source]
