"""Other libraries' optimizers behind our protocol."""
