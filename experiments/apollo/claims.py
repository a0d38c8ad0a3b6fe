"""What Apollo says, what we find, and whether that agrees. Each verdict is a rule in code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from experiments.apollo.field import medians
from experiments.apollo.markdown import percent, table
from experiments.apollo.plan import APOLLOS, LEAST_MM2, TIGHT_MM2
from experiments.apollo.results import Place, Results
from experiments.apollo.workloads import AREAS_MM2

_AFTER: Final = 512  # trials: what every one of Apollo's strategies gets here
_TRANSFERRED: Final = 256
_LEADERS: Final = {"p3bo", "genetic"}
_CLAIMED_SPEED_UP: Final = 0.246
_CLAIMED_TRANSFER: Final = 0.25
_ABSTRACT, _MEMORY = "abstract", "from memory"

Line = list[str]  # claim, where it stands, our figure, verdict


def claims_table(results: Results) -> str:
    """As Apollo tells of failures: a reward of 0."""
    single = results.where("zero", areas=AREAS_MM2, strategies=APOLLOS)
    lines = [*_ranking(single), _speed_up(single), _transfer(results)]
    lines += [line for area in (LEAST_MM2, TIGHT_MM2) for line in _gp(results, area)]
    return table(["Apollo says", "where", "we find", "verdict"], lines, words=4)


def mean_ranks(runs: Results, trials: int) -> dict[str, float]:
    """Of the strategies by median regret, 1 the best, over the places where all of them ran."""
    found = medians(runs, runs.strategies, trials)
    places = set.intersection(*(set(each) for each in found.values())) if found else set()
    ranks = {
        name: [_rank(name, place, found) for place in sorted(places)] for name in found if places
    }
    ordered = sorted(ranks, key=lambda name: float(np.mean(ranks[name])))
    return {name: float(np.mean(ranks[name])) for name in ordered}


def _rank(name: str, place: Place, found: Mapping[str, Mapping[Place, float]]) -> float:
    """Equal ones share the mean of their ranks."""
    mine, all_ = found[name][place], [each[place] for each in found.values()]
    return 1 + sum(other < mine for other in all_) + (all_.count(mine) - 1) / 2


def _ranking(runs: Results) -> list[Line]:
    ranks = mean_ranks(runs, _AFTER)
    said = ", ".join(f"`{name}` {rank:.1f}" for name, rank in ranks.items())
    shown = f"mean rank after {_AFTER} trials: {said}" if ranks else ""
    complete = set(ranks) == set(APOLLOS)
    order = list(ranks)
    lead = _verdict(set(order[:2]) == _LEADERS, complete)
    last = _verdict(order[-1:] == ["random"], complete)
    return [
        ["P3BO and evolution lead", _MEMORY, shown, lead],
        ["random search trails", _MEMORY, shown, last],
    ]


def _speed_up(runs: Results) -> Line:
    claim = f"up to {percent(_CLAIMED_SPEED_UP)} faster designs than a baseline black-box approach"
    found = medians(runs, APOLLOS, _AFTER)
    most = {
        baseline: max(_gains(found[baseline], found["p3bo"]), default=float("nan"))
        for baseline in ("random", "gp")
    }
    known = [gain for gain in most.values() if not np.isnan(gain)]
    shown = ", ".join(
        f"`p3bo` over `{name}` {percent(gain) if np.isfinite(gain) else 'where that finds nothing'}"
        for name, gain in most.items()
        if not np.isnan(gain)
    )
    agree = [gain >= _CLAIMED_SPEED_UP for gain in known]
    verdict = _verdict(all(agree), len(known) == len(most))
    if known and any(agree) and not all(agree):
        verdict = "depends on the baseline"
    return [claim, _ABSTRACT, f"up to, after {_AFTER} trials: {shown}" if shown else "", verdict]


def _gains(slow: Mapping[Place, float], fast: Mapping[Place, float]) -> list[float]:
    """Speed-ups of median runs; none where the fast one failed, inf where only the slow one did."""
    return [
        (1 + slow[place]) / (1 + fast[place]) - 1
        for place in slow.keys() & fast.keys()
        if np.isfinite(fast[place])
    ]


def _transfer(results: Results) -> Line:
    claim = f"up to {percent(_CLAIMED_TRANSFER)} from transfer between area budgets"
    without = results.where("zero", areas=[LEAST_MM2], strategies=APOLLOS)
    having = results.where("zero", areas=[LEAST_MM2], strategies=APOLLOS, source="area")
    before = medians(without, APOLLOS, _TRANSFERRED)
    after = medians(having, APOLLOS, _TRANSFERRED)
    learners = [name for name in APOLLOS if name != "random"]
    gains = {name: _gains(before[name], after[name]) for name in learners}
    known = {
        name: max(gain for gain in each if np.isfinite(gain))
        for name, each in gains.items()
        if np.isfinite(each).any()
    }
    said = ", ".join(f"`{name}` {percent(gain)}" for name, gain in known.items())
    shown = f"up to, after {_TRANSFERRED} trials: {said}" if known else ""
    verdict = _verdict(max(known.values(), default=0.0) >= _CLAIMED_TRANSFER, bool(known))
    return [claim, _ABSTRACT, shown, verdict]


def _gp(results: Results, area: float) -> list[Line]:
    """Fails without transfer, leads with it."""
    without = results.where("zero", areas=[area], strategies=["gp"])
    having = results.where("zero", areas=[area], strategies=APOLLOS, source="area")
    share = without.never_feasible()
    shown = f"{percent(share)} of its runs find nothing feasible" if without.records else ""
    ranks = mean_ranks(having, _TRANSFERRED)
    said = ", ".join(f"`{name}` {rank:.1f}" for name, rank in ranks.items())
    leads = next(iter(ranks), "") == "gp"
    return [
        [
            f"the GP fails at {area:g} mm² without transfer",
            _MEMORY if area == LEAST_MM2 else "the same, tighter",
            shown,
            _verdict(share > 0.5, bool(without.records)),
        ],
        [
            f"the GP leads at {area:g} mm² with transfer",
            _MEMORY if area == LEAST_MM2 else "the same, tighter",
            f"mean rank after {_TRANSFERRED} trials: {said}" if said else "",
            _verdict(leads, "gp" in ranks),
        ],
    ]


def _verdict(agrees: bool, known: bool) -> str:
    if not known:
        return "not run"
    return "confirmed" if agrees else "refuted"
