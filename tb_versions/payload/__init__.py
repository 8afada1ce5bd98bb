"""JSON that travels: what HTTP, the command line and exports share."""

from tb_versions.payload.columns import MAX_COLUMNS
from tb_versions.payload.encoding import EncodedTable, TableEncoder
from tb_versions.payload.history import event_payload, history_payload, measured_payload
from tb_versions.payload.models import models_payload
from tb_versions.payload.registry import registry_payload
from tb_versions.payload.scalars import scalars_payload
from tb_versions.payload.tables import sealed, table_payload
from tb_versions.payload.version import checked_in_words, details, metric_detail, version_payload
from tb_versions.payload.version_rows import rows
from tb_versions.payload.whole import versions_payload, whole
from tb_versions.payload.wire import SCHEMA_VERSION, dump, revision_of, wire_integer, wire_number, with_revision

__all__ = [
    "MAX_COLUMNS",
    "SCHEMA_VERSION",
    "EncodedTable",
    "TableEncoder",
    "checked_in_words",
    "details",
    "dump",
    "event_payload",
    "history_payload",
    "measured_payload",
    "metric_detail",
    "models_payload",
    "registry_payload",
    "revision_of",
    "rows",
    "scalars_payload",
    "sealed",
    "table_payload",
    "version_payload",
    "versions_payload",
    "whole",
    "wire_integer",
    "wire_number",
    "with_revision",
]
