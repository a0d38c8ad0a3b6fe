"""HURRICANE's claims at a small size: generated against hand-made, two stages against one."""
