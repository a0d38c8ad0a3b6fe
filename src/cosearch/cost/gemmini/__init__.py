"""Given mappings on Gemmini, whose constants were fitted to its RTL."""
