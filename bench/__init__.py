"""Measures how fast this package is, beside limits and beside other programs: `python -m bench --help`."""
