"""A demo that really trains: `python -m demo` (or `make demo`) fills demo/out and serves the Versions tab."""
