"""The GP bandit, in the manner of Vizier. What needs torch is imported when first used."""
