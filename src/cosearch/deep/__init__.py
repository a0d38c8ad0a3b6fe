"""Everything torch: modules, supernets, training, one-shot accuracy, export.

Empty of imports on purpose: `import cosearch` and the command line must not load torch.
"""
