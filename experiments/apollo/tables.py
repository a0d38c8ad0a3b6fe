"""The page of results, from the records alone: `python -m experiments.apollo.tables`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from experiments.apollo import advice, figures
from experiments.apollo.claims import claims_table
from experiments.apollo.field import anytime_table, beats_random_table, outside_table, wins_table
from experiments.apollo.markdown import NOTHING, percent, table
from experiments.apollo.plan import (
    LEAST_MM2,
    MOST_MM2,
    OURS,
    TIGHT_MM2,
    TIGHT_SOURCE_MM2,
)
from experiments.apollo.records import RESULTS
from experiments.apollo.results import Results
from experiments.apollo.run import ALL, BATCH
from experiments.apollo.strategy_tables import (
    optima_table,
    places_table,
    seconds_table,
    strategies_table,
)
from experiments.apollo.transfer import TAUGHT, TEACHER
from experiments.apollo.transfer_tables import reached_table, transfer_table
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS

_TEMPLATE: Final = Path(__file__).parent / "page.md"


def main() -> None:
    """The page and its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=RESULTS.with_suffix(".md"))
    parser.add_argument("--advice", type=Path, default=advice.PAGE)
    arguments = parser.parse_args()
    results = Results.load(arguments.folder)
    drawn = figures.write(results, arguments.folder)
    arguments.page.write_text(page(results, drawn))
    advice.write(results, arguments.advice)


def page(results: Results, drawn: Iterable[str]) -> str:
    """The template filled in."""
    text = _TEMPLATE.read_text()
    pictures = {name: f"![{_ALT[name]}](apollo/{name})" for name in drawn}
    parts = _numbers(results) | _tables(results)
    parts |= {f"figure {Path(name).stem}": pictures.get(name, "") for name in _ALT}
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part)
    return text


_ALT: Final = {
    "single.svg": "Regret by trials for seven workloads and three areas, strategies of ours",
    "field.svg": "Regret by trials for seven workloads and three areas, beside outside optimizers",
    "multi.svg": "Regret by trials for all seven workloads at once",
    "transfer.svg": "Regret by trials without and with transfer",
}


def _numbers(results: Results) -> dict[str, str]:
    """What the prose states."""
    shares = [results.optima.get((next(iter(WORKLOADS)), area)) for area in (*AREAS_MM2, TIGHT_MM2)]
    said = [NOTHING if each is None else percent(each.share) for each in shares]
    lengths = sorted(
        {each.run.trials for each in results.records if each.run.strategy == "nevergrad"}
    )
    return {
        "nevergrad": " or ".join(f"{length:,}" for length in sorted(lengths)) or NOTHING,
        "shares": ", ".join(said[:2]) + " and " + said[2],
        "tight share": said[3],
        "tight area": f"{TIGHT_MM2:g}",
        "tight source": f"{TIGHT_SOURCE_MM2:g}",
        "areas": ", ".join(f"{area:g}" for area in AREAS_MM2),
        "least": f"{LEAST_MM2:g}",
        "most": f"{MOST_MM2:g}",
        "batch": str(BATCH),
        "teacher": TEACHER,
        "taught": f"{TAUGHT:,}",
    }


def _tables(results: Results) -> dict[str, str]:
    told = results.where("violations", areas=AREAS_MM2)
    mine = results.where("violations", areas=AREAS_MM2, strategies=OURS)
    everything = results.where("violations", areas=AREAS_MM2, workloads=[ALL], strategies=OURS)
    wide = {"areas": AREAS_MM2, "strategies": OURS}
    return {
        "workloads": table(["workload", "network"], WORKLOADS.items(), words=2),
        "optima": optima_table(results.optima),
        "single": strategies_table(mine),
        "places": places_table(mine),
        "reached": reached_table(results),
        "wins": wins_table(told),
        "outside": outside_table(told),
        "anytime": anytime_table(told),
        "random": beats_random_table(mine),
        "multi": strategies_table(everything),
        "zero": strategies_table(results.where("zero", **wide)),
        "known": strategies_table(results.where("known", **wide)),
        "transfer": transfer_table(results, "violations", LEAST_MM2, "area"),
        "transfer zero": transfer_table(results, "zero", LEAST_MM2, "area"),
        "between": transfer_table(results, "violations", LEAST_MM2, "workload"),
        "tight": transfer_table(results, "zero", TIGHT_MM2, "area"),
        "claims": claims_table(results),
        "seconds": seconds_table(told),
    }


if __name__ == "__main__":
    main()
