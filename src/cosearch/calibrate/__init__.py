"""Calibrating: measurements made into predictions that hold for the device they came from.

`lut` measures the blocks of a space, `additivity` whole networks against their sums; a `journal`
keeps what was measured, so that both go on where they stopped.
"""
