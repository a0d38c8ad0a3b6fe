"""With accuracies from the shipped surrogate."""

from __future__ import annotations

from typing import Any

from cosearch.accuracy.surrogate import Surrogate, read_surrogate
from cosearch.files import write_json
from cosearch.progress import Progress
from cosearch.recipes.mnasnet.found import find
from cosearch.recipes.mnasnet.result import build_result
from cosearch.recipes.mnasnet.settings import MnasnetSettings
from cosearch.recipes.run_folder import RunFolder


def prepare(settings: MnasnetSettings) -> Surrogate:
    """Read the surrogate."""
    return read_surrogate("accel-nasbench")


def run(
    folder: RunFolder[MnasnetSettings], inputs: Surrogate, progress: Progress
) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
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
