"""The edge accelerator: every layer mapped, what stays on chip, what crosses to DRAM."""
