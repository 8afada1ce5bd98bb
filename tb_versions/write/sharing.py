"""What to do where another user's folder can't be written to."""

from __future__ import annotations

import errno
import os


def how_to_share(error: BaseException | None) -> str:
    """Returns a sentence to put after an error's own, with a space before it; "" where it is about something else.

    Args:
        error: What the system said.
    """
    if not isinstance(error, OSError) or error.errno != errno.EACCES or not isinstance(error.filename, (str, bytes)):
        return ""
    folder = os.path.abspath(os.fsdecode(error.filename))
    try:
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder)
        owner = os.stat(folder).st_uid
    except OSError:
        return ""
    if owner == os.geteuid():
        return ""
    return (
        f" {folder} belongs to another user (uid {owner}). Where several users publish, let a group own the models "
        "folder (chgrp -R, chmod -R g+rwX, and chmod g+s on its folders), and let everybody publish with umask 002."
    )
