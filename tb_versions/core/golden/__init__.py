"""Golden outputs: inputs, and what a model answered to them, kept in a file that `write` makes and `trust` replays."""
