"""The version of this package, in one place and importable without anything else."""

__version__ = "0.1.0"
