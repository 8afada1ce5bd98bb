"""Racing publishers to an S3, each of which the server kills at another request: run as a process of its own.

It forks them before anything used the store, for a connection does not survive a fork.
"""

from __future__ import annotations

import os
import sys

import tb_versions as tbv
from tests.support.remote import MODELS


def publish(source: str, when: str, at: int) -> None:
    """Publishes in a process that is killed."""
    os.environ["AWS_ACCESS_KEY_ID"] = f"kill-{os.getpid()}-{at}-{when}"
    code = 1
    try:
        os.environ["TB_VERSIONS_STATE_DIR"] = ""
        version = tbv.publish(source, MODELS, name="digits", run_dir=f"{source}-run-{os.getpid()}", strict=True)
        code = 0 if version else 2
    finally:
        os._exit(code)


def main(source: str, when: str, first: str, count: str) -> None:
    """Kills publisher 1 at its request `first`, the next one at the next, and so on; says what became of each."""
    import obstore  # noqa: F401 - imported once, used by none here

    import tb_versions.write.remote  # noqa: F401

    children = {}
    for at in range(int(first), int(first) + int(count)):
        pid = os.fork()
        if pid == 0:
            publish(source, when, at)
        children[pid] = at
    for pid, at in children.items():
        _, status = os.waitpid(pid, 0)
        print({0: "published", 9: "killed"}.get(status, f"failed {status}"), at)


if __name__ == "__main__":
    main(*sys.argv[1:])
