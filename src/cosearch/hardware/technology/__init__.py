"""Technology constants with sources and spreads, 65 to 7 nm."""

from cosearch.hardware.technology.node import Technology, dram_kinds, technology

__all__ = ["Technology", "dram_kinds", "technology"]
