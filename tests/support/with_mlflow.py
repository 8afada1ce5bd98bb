"""Runs the command line, or a script, with MLflow's environment behind our own: `with_mlflow.py SITE ARGUMENT...`.

MLflow is locked in an environment of its own. Behind ours on the path it brings only what ours has not.
"""

from __future__ import annotations

import runpy
import sys

sys.path.append(sys.argv[1])
if sys.argv[2].endswith(".py"):
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
else:
    sys.argv = ["tb-versions", *sys.argv[2:]]
    from tb_versions.cli import run

    run()
