"""The exact sweep: every design of a chip family whose model factorises, evaluated."""
