"""One self-contained page about a run: figure data in one function, its drawing in another."""

from cosearch.report.page import write_page
from cosearch.report.run_data import RunData, Trials

__all__ = ["RunData", "Trials", "write_page"]
