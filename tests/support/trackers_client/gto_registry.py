"""`python gto_registry.py FOLDER make|tell`: GTO registers versions and assigns stages; prints what it says of them."""

import json
import pathlib
import sys

from gto import api

folder = sys.argv[1]


def make() -> None:
    """In a repository with two commits, where everything is made within a second or two."""
    first, second = pathlib.Path(folder, "commits").read_text().split()
    api.register(folder, "digits", first, version="v1.0.0", message="the first ✓", author="Änna", author_email="a@b.c")
    api.assign(folder, "digits", version="v1.0.0", stage="prod", author="Änna")
    api.register(folder, "digits", second, version="v1.1.0")
    api.assign(folder, "digits", version="v1.1.0", stage="prod", message="go", author="Ben")
    api.assign(folder, "digits", version="v1.0.0", stage="prod", force=True, message="back")
    api.assign(folder, "digits", version="v1.1.0", stage="dev")
    api.unassign(folder, "digits", version="v1.1.0", stage="dev", force=True)
    api.register(folder, "models/nlp:words", second, version="v0.0.1")
    api.register(folder, "old", first, version="v2.0.0")
    api.deprecate(folder, "old", message="no more")


if sys.argv[2] == "make":
    make()
told = {
    name: [
        {
            "version": one["version"],
            "commit": one["commit_hexsha"],
            "at": str(one["registrations"][0]["created_at"]),
            "by": one["registrations"][0]["author"],
            "message": one["registrations"][0]["message"].strip(),
            "stages": [stage["stage"] for stage in one["stages"]],
        }
        for one in api.show(folder, name, deprecated=True)
        if one["registrations"]
    ]
    for name in api.show(folder, deprecated=True)
}
history = [
    {
        **{key: str(event[key]) for key in ("timestamp", "artifact", "event", "version", "author", "message", "ref")},
        "stage": event["stage"] or "",
    }
    for event in api.history(folder)
    if event["event"] in ("assignment", "unassignment")
]
print(json.dumps({"versions": told, "history": history}))
