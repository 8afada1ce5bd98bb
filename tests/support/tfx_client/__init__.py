"""Programs for Python of .venv-tfx: TFX itself, and independent readers of what it leaves."""
