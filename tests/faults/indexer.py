"""An indexer of its own process, which commits few rows at a time so that others come between."""

from __future__ import annotations

import argparse
import sys

from tb_versions.cli import run
from tb_versions.fleet import indexing, values


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("models")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--logdir", default="")
    options = parser.parse_args()
    indexing.ROWS_A_COMMIT = values.VERSIONS_A_COMMIT = values.VERSIONS_AT_A_TIME = options.rows
    for _ in range(options.runs - 1):
        indexing.index(options.models, logdir=options.logdir)
    sys.argv = ["tb-versions", "index", "--models-dir", options.models, "--logdir", options.logdir]
    run()


if __name__ == "__main__":
    main()
