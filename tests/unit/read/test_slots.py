"""What is there of each model and number."""

from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.manifests.kept import Record
from tb_versions.read.slots import Slot


def test_nothing_one_and_several_come_back_as_they_were_put() -> None:
    records = [Record(Place(Root("/m", "m", "models_dir"), f"/m/a/{folder}"), "a", 1) for folder in ("1", "01")]
    versions = [Version(model="a", number=1, state="damaged"), Version(model="a", number=1, state="missing")]
    slot = Slot()
    assert slot.is_empty
    for count in (1, 2, 0, 2, 1):
        slot.put_records(tuple(records[:count]))
        slot.put_versions(tuple(versions[:count]))
        assert slot.records == tuple(records[:count])
        assert slot.versions == tuple(versions[:count])
        assert slot.is_empty is (count == 0)
