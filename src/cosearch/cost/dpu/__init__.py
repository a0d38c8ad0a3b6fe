"""AMD's DPUs: a convolution engine, an ALU, maps that stay on chip or do not, cores on one DRAM."""
