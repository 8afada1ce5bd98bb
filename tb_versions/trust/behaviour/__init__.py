"""How two versions answer the same inputs: what flipped, how far outputs moved, which is right more often."""
