"""Our models held against silicon, RTL and other simulators; one script a source."""
