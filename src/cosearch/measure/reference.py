"""The reference workload: a small fixed network, timed beside everything else."""

from __future__ import annotations

from functools import lru_cache

from cosearch.measure.runtime import Runtime, Session
from cosearch.measure.settings import Settings
from cosearch.networks import Builder, Network


def reference_network() -> Network:
    """Dense, depthwise and pointwise convolutions, 2.1 M MACs: tenths of a millisecond.

    Never change it: latencies scaled by it are comparable only as long as it stays.
    """
    net = Builder("cosearch-reference-1", (3, 32, 32))
    x = net.conv("input", 16, "stem", kernel=3, stride=2, activation="relu")
    for i in range(3):
        y = net.conv(x, 64, f"expand{i}", activation="relu")
        y = net.conv(y, 64, f"depthwise{i}", kernel=3, groups=64, activation="relu")
        y = net.conv(y, 16, f"project{i}")
        x = net.add(x, y, name=f"add{i}")
    net.linear(net.global_pool(x, "pool"), 10, "classes")
    return net.build()


def reference_session(runtime: Runtime, settings: Settings) -> Session:
    """The reference on `runtime`: fp32 and batch 1 whatever is measured, threads and cores alike.

    Kept, as hundreds of blocks are measured with the same settings.
    """
    return _session(runtime, settings.threads, settings.device, settings.cores)


@lru_cache(maxsize=16)
def _session(runtime: Runtime, threads: int, device: str, cores: tuple[int, ...]) -> Session:
    settings = Settings(threads=threads, device=device, cores=cores)
    return runtime.backend().prepare(reference_network(), settings)
