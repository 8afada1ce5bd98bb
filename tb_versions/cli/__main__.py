"""`python -m tb_versions.cli`."""

from tb_versions.cli import main

main(prog_name="tb-versions")
