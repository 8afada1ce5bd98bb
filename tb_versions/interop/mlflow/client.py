"""An MLflow store behind a server, or in another database, read through MLflow's own client."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidQueryError, MissingDependencyError
from tb_versions.interop.mlflow.records import (
    DELETED_STAGE,
    DatasetRecord,
    ModelRecord,
    RunRecord,
    VersionRecord,
    identity_of,
)
from tb_versions.privacy.scrub import mask_secrets, scrub_uri

_PAGE = 200
_MOST_PAGES = 50_000
_SETTINGS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}
"""Nothing is reported to MLflow's makers, and a server that is not there is said at once, not after four minutes."""

_Result = TypeVar("_Result")


def open_client(uri: str) -> Any:
    """Returns MLflow's client for an address; makes no request.

    Raises:
        MissingDependencyError: MLflow is not installed.
        InvalidQueryError: MLflow knows no such address.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        raise MissingDependencyError(
            "This needs MLflow's client: pip install 'tensorboard-plugin-versions[mlflow]'. Only imports from a "
            "database (sqlite:///mlflow.db) or a folder (./mlruns) do without it."
        ) from error
    return asked(uri, lambda: MlflowClient(tracking_uri=uri, registry_uri=uri))


def asked(uri: str, ask: Callable[[], _Result]) -> _Result:
    """Returns what the client answers; whatever it raises becomes one sentence without credentials.

    Raises:
        InvalidQueryError: It did not answer.
        MissingDependencyError: MLflow is not installed.
    """
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        return ask()
    except MissingDependencyError:  # the client is made when it is first asked
        raise
    except Exception as error:
        lines = str(error).strip().splitlines()
        reason = mask_secrets(visible(lines[0][:300])) if lines else type(error).__name__
        raise InvalidQueryError(f"MLflow at {visible(scrub_uri(uri))} does not answer: {reason}") from error
    finally:
        logger.setLevel(level)


class ClientStore:
    """What a client reads."""

    def __init__(self, uri: str) -> None:
        """Makes no request yet.

        Args:
            uri: Of the server or database.

        Raises:
            MissingDependencyError: MLflow is not installed.
            InvalidQueryError: MLflow knows no such address.
        """
        self._uri, self._client = uri, open_client(uri)
        self.problems: list[tuple[str, str]] = []

    def identity(self) -> str:
        """Returns what identifies the store."""
        found = self._all(
            lambda token: self._client.search_experiments(view_type=3, max_results=1000, page_token=token)
        )
        return identity_of((_integer(one.creation_time), str(one.experiment_id)) for one in found)

    def models(self, names: Collection[str]) -> Iterator[ModelRecord]:
        """Yields registered models by name; all of them without names."""
        found = self._all(lambda token: self._client.search_registered_models(max_results=_PAGE, page_token=token))
        for model in sorted(found, key=lambda each: each.name):
            if not names or model.name in names:
                versions = tuple(self._versions(model.name))
                aliases = {alias: int(number) for alias, number in dict(model.aliases).items()}
                yield ModelRecord(model.name, model.description or "", _texts(model.tags), aliases, versions)

    def run(self, run_id: str) -> RunRecord | None:
        """Returns a run; None where it is not there any more."""
        try:
            run = self._client.get_run(run_id)
        except Exception as error:
            if getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST":
                return None
            asked(self._uri, _raising(error))
            raise
        return RunRecord(
            run_id=run_id,
            name=run.info.run_name or "",
            is_deleted=run.info.lifecycle_stage == "deleted",
            artifacts=run.info.artifact_uri or "",
            metrics={metric.key: (metric.value, metric.step) for metric in run.data._metric_objs},
            params=_texts(run.data.params),
            tags=_texts(run.data.tags),
            datasets=tuple(map(_dataset, run.inputs.dataset_inputs if run.inputs else ())),
        )

    def _versions(self, name: str) -> Iterator[VersionRecord]:
        quoted = name.replace("'", "''")
        found = self._all(
            lambda token: self._client.search_model_versions(
                f"name='{quoted}'", max_results=_PAGE, order_by=["version_number ASC"], page_token=token
            )
        )
        for version in sorted(found, key=lambda each: int(each.version)):
            if version.current_stage == DELETED_STAGE:
                continue
            with contextlib.suppress(Exception):
                location = self._client.get_model_version_download_uri(name, version.version)
                yield _version(version, location)
                continue
            yield _version(version, "")

    def _all(self, ask: Callable[[str | None], Any]) -> Iterator[Any]:
        """The entries of every page."""
        token: str | None = None
        for _ in range(_MOST_PAGES):
            page = asked(self._uri, lambda at=token: ask(at))  # type: ignore[misc]
            yield from page
            token = page.token
            if not token:
                return
        raise InvalidQueryError(f"MLflow at {visible(scrub_uri(self._uri))} has no last page.")


def _version(version: Any, location: str) -> VersionRecord:
    return VersionRecord(
        number=int(version.version),
        created=_integer(version.creation_timestamp),
        description=version.description or "",
        source=version.source or "",
        location=location,
        run_id=version.run_id or "",
        stage=version.current_stage or "",
        status=str(version.status or ""),
        tags=_texts(version.tags),
    )


def _dataset(entry: Any) -> DatasetRecord:
    found = entry.dataset
    tags = {tag.key: tag.value for tag in entry.tags}
    texts = (found.name or "", found.digest or "", found.source or "", found.profile or "")
    return DatasetRecord(*texts, context=tags.get("mlflow.data.context", ""))


def _raising(error: Exception) -> Callable[[], Any]:
    def raise_it() -> Any:
        raise error

    return raise_it


def _texts(given: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in dict(given or {}).items()}


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0
