"""Print the rates beside pytest-benchmark's times."""

from typing import Any


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    """One line per benchmark: what it did in a second."""
    session = getattr(config, "_benchmarksession", None)
    for bench in session.benchmarks if session else ():
        for name, value in bench.extra_info.items():
            terminalreporter.write_line(f"{bench.name}: {value:,} {name}")
