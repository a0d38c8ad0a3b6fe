"""What a measurement was made on: the device and the code, as a record needs them."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

# instructions that decide how fast a kernel can be, as the kernel's cpuinfo spells them
_SIMD: Final = (
    *("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni"),
    *("amx_int8", "amx_bf16", "asimd", "asimddp", "i8mm", "sve"),
)
_CPUS: Final = Path("/sys/devices/system/cpu")


def describe_device() -> dict[str, Any]:
    """This machine: processor and its vector instructions, usable cores, clock, system."""
    return {
        "cpu": cpu_model(),
        "simd": simd(),
        "cores": usable_cores(),
        "governor": _read(_CPUS / "cpu0/cpufreq/scaling_governor"),  # None: not readable
        "clock_hz": clock_hz(),
        "os": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
    }


@cache
def cpu_model() -> str:
    """The processor as the kernel names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


@cache
def simd() -> str:
    """Vector instructions of the processor: a virtual one may have fewer than its name's."""
    lines = (_read(Path("/proc/cpuinfo")) or "").splitlines()
    flags = [line.partition(":")[2] for line in lines if line.startswith(("flags", "Features"))]
    found = set(flags[0].split()) if flags else set()
    return " ".join(name for name in _SIMD if name in found)


def usable_cores() -> int:
    """Cores the system lets this process use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def clock_hz() -> float | None:
    """The first core's clock just now; None where the system does not tell."""
    kilohertz = _read(_CPUS / "cpu0/cpufreq/scaling_cur_freq")
    if kilohertz is not None and kilohertz.isdecimal():
        return float(kilohertz) * 1e3
    cpuinfo = _read(Path("/proc/cpuinfo")) or ""
    megahertz = [line for line in cpuinfo.splitlines() if line.startswith("cpu MHz")]
    return float(megahertz[0].partition(":")[2]) * 1e6 if megahertz else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


@cache
def harness() -> dict[str, str | None]:
    """The code that measured: its version, and its commit where it runs from a checkout."""
    try:
        known = version("cosearch")
    except PackageNotFoundError:
        known = "unknown"
    return {"version": known, "commit": _commit(Path(__file__).parents[3])}


def _commit(checkout: Path) -> str | None:
    """What HEAD points to, read from git's files: no git is needed, and none is asked."""
    head = _read(checkout / ".git" / "HEAD")
    if head is None or not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    packed = (_read(checkout / ".git" / "packed-refs") or "").splitlines()
    of_name = (line.split()[0] for line in packed if line.endswith(f" {name}"))
    return _read(checkout / ".git" / name) or next(of_name, None)
