"""MnasNet (arXiv 1807.11626): the most accurate network within a latency on one device.

Accuracy is the shipped surrogate's and costs nothing. Latency is a device's model, or measured
on a runtime with the search waiting; then what was found is measured again in a fresh process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cosearch.recipes.mnasnet.settings import MnasnetSettings

if TYPE_CHECKING:
    from cosearch.accuracy.surrogate import Surrogate
    from cosearch.progress import Progress
    from cosearch.recipes.run_folder import RunFolder


def prepare(settings: MnasnetSettings) -> Surrogate:
    """Read the surrogate."""
    import plotly  # noqa: F401  # for the page: better missed now than at the end

    from cosearch.accuracy.surrogate import read_surrogate

    return read_surrogate("accel-nasbench")


def run(
    folder: RunFolder[MnasnetSettings], inputs: Surrogate, progress: Progress
) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    from cosearch.files import write_json
    from cosearch.recipes.mnasnet.found import find
    from cosearch.recipes.mnasnet.result import build_result
    from cosearch.report.network_page import write_network_page

    found = find(folder, inputs, progress)
    result = build_result(folder, inputs, found)
    write_json(folder.path / "network.json", result["network"])
    if folder.settings.measured:  # an extra of the runtime brings what writes it
        from cosearch.networks.onnx_out import write_onnx

        write_onnx(found.network, folder.path / "network.onnx")
    write_json(folder.path / "result.json", result)
    write_network_page(folder.path)
    return result
