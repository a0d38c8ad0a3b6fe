"""HURRICANE's two stages against one, in a space whose accuracies are all known."""
