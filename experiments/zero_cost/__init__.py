"""Zero-cost proxies held against the accuracies of trained networks."""
