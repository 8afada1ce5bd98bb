from __future__ import annotations

import os

from tb_versions.read.folders.file_systems import keeps_times, types


def test_file_systems_are_known_by_their_names() -> None:
    assert all(":" in device for device in types())
    assert not keeps_times(os.makedev(4_000, 4_000))
