"""Measures this package against limits and peers; `python -m bench --help`."""
