"""Our mapper beside other simulators: the same layers, the same machine, one run."""
