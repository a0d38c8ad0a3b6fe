"""Other libraries' optimizers behind our protocol. Each is an extra."""
