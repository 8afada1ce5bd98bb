"""`python -m tb_versions.cli`."""

from tb_versions.cli import run

run()
