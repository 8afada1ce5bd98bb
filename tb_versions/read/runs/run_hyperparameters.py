"""The hyperparameters that runs logged for the HParams plugin, for versions that have none of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from tb_versions.core.manifest import Scalar
from tb_versions.core.metadata import TRAINING_RUNS, training_of
from tb_versions.read.catalog import Version


class RunHyperparameters:
    """Asks TensorBoard once for each training that a version needs; for those without an answer again and again."""

    def __init__(self, provider: Any) -> None:
        """Asks nothing yet.

        Args:
            provider: A DataProvider, or None.
        """
        self._provider = provider
        self._known: dict[str, Mapping[str, Scalar]] = {}
        self._wanted: frozenset[str] = frozenset()
        self.problem = ""

    def refresh(self) -> bool:
        """Asks for what was not there before; returns whether there is an answer now."""
        before = len(self._known)
        missing = self._wanted - self._known.keys()
        if missing and self._provider is not None:
            runs = sorted(run for name in missing for run in (name, *(f"{name}/{child}" for child in TRAINING_RUNS)))
            from tb_versions.read.runs.all_runs import read_hyperparameters

            try:
                self._known |= read_hyperparameters(self._provider, runs)
                self.problem = ""
            except Exception as error:  # noqa: BLE001 - a provider's failure is shown, never raised at a viewer
                first = (str(error).strip() or type(error).__name__).splitlines()[0]
                self.problem = f"the hyperparameters of runs could not be read: {first[:200]}"
        return len(self._known) > before

    def added_to(self, versions: Iterable[Version]) -> tuple[Version, ...]:
        """Returns the versions; those without hyperparameters have those of their run."""
        versions = tuple(versions)
        self._wanted = frozenset(name for version in versions for name in _trainings(version))
        if self._wanted:
            self.refresh()
        return tuple([self._added_to(version) for version in versions]) if self._known else versions

    def _added_to(self, version: Version) -> Version:
        found = next((self._known[name] for name in _trainings(version) if self._known.get(name)), None)
        return version if found is None else replace(version, run_hyperparameters=found)


def _trainings(version: Version) -> list[str]:
    """The trainings whose hyperparameters a version needs, the one it was exported from first."""
    if version.listing is None or version.listing.hyperparameters:
        return []
    return [training_of(run.name) for run in version.runs if run.known]
