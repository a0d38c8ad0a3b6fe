"""A row-stationary array in the manner of Eyeriss."""
