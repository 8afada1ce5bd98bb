"""Weights for what stands in front of the server, from the aliases `production` and `canary`.

Envoy's first-match routes with a fraction: docs/envoy/latest/configuration/http/http_conn_man/traffic_splitting.
nginx: ngx_http_split_clients_module. KServe: predictive-inference/rollout-strategies/canary of its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tb_versions.core.manifest import shown, visible
from tb_versions.errors import InvalidQueryError, RefusedError, VersionNotFoundError
from tb_versions.serving.wanted import Wanted

_WORD = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


@dataclass(frozen=True)
class Split:
    """How calls are divided.

    Attributes:
        model: The model.
        stable: Number of the version that gets the rest.
        stable_label: The alias that names it.
        canary: Number of the version on trial; None if there is none, and all calls go to the other.
        canary_label: The alias that names it.
        percent: Of all calls, for the canary, 0 to 100.
        base_path: The model's folder as the server sees it.
        event: The last event of the log that this was made from.
    """

    model: str
    stable: int
    stable_label: str
    canary: int | None
    canary_label: str
    percent: int
    base_path: str
    event: int

    @property
    def says(self) -> str:
        """What it does, a sentence."""
        trial = (
            f"{self.canary_label} is version {self.canary}"
            if self.canary is not None
            else f"there is no {self.canary_label}"
        )
        return (
            f"{visible(self.model)}: {self.stable_label} is version {self.stable}, {trial} (event {self.event} of the "
            f"log). {self.percent} % of the calls go to {self.canary_label}."
        )


def split(wanted: Wanted, model: str, *, percent: int, stable: str = "production", canary: str = "canary") -> Split:
    """Returns how calls to a model are divided.

    Args:
        wanted: What the registry wants, for this model.
        model: Its name.
        percent: Of all calls, for the canary, 0 to 100.
        stable: The alias that gets the rest.
        canary: The alias of the version on trial. Without one, or where both name one version, it gets nothing.

    Raises:
        VersionNotFoundError: No version has the alias that gets the rest.
        InvalidQueryError: The percentage is none.
    """
    if not 0 <= percent <= 100:
        raise InvalidQueryError(f"{percent} is no percentage from 0 to 100.")
    aliases = {name: alias.version for name, alias in wanted.states[model].aliases.items()}
    if stable not in aliases:
        raise VersionNotFoundError(
            f"{visible(model)} has no alias {shown(stable)}, so there is nothing to divide calls between."
        )
    on_trial = aliases.get(canary)
    if on_trial == aliases[stable]:
        on_trial = None
    base, event = wanted.models[model].base_path, wanted.heads[model].number
    return Split(model, aliases[stable], stable, on_trial, canary, 0 if on_trial is None else percent, base, event)


def envoy(found: Split) -> str:
    """Returns routes for a virtual host of Envoy: the first that matches wins, so the canary's comes first.

    Raises:
        RefusedError: A label can't be part of a path there.
    """
    _check_words(found)
    path = f"/v1/models/{re.escape(found.model)}(:|/metadata$)"
    routes = f"# {found.says}\n# Put it into the routes of a virtual_host; the cluster is that of TensorFlow Serving.\n"
    if found.percent:
        routes += _route(path, found, found.canary_label, fraction=found.percent)
    return routes + _route(path, found, found.stable_label)


def _route(path: str, found: Split, label: str, *, fraction: int | None = None) -> str:
    part = ""
    if fraction is not None:
        part = (
            "    runtime_fraction:\n"
            f"      default_value: {{numerator: {fraction}, denominator: HUNDRED}}\n"
            f"      runtime_key: tf_serving.canary.{found.model}\n"
        )
    return (
        "- match:\n"
        f"    safe_regex: {{regex: '{path}.*'}}\n"
        f"{part}"
        "  route:\n"
        "    cluster: tf_serving\n"
        "    regex_rewrite:\n"
        f"      pattern: {{regex: '^/v1/models/{re.escape(found.model)}'}}\n"
        f"      substitution: /v1/models/{found.model}/labels/{label}\n"
    )


def nginx(found: Split) -> str:
    """Returns directives for nginx's `http` block and for one of its servers.

    Raises:
        RefusedError: A label can't be part of a path there.
    """
    _check_words(found)
    variable = "tb_versions_" + re.sub(r"[^A-Za-z0-9_]", "_", found.model)
    trial = f"    {found.percent}% {found.canary_label};\n" if found.percent else ""
    model = re.escape(found.model)
    return (
        f"# {found.says}\n"
        "# In the http block. $request_id divides calls; a cookie or header instead keeps a client on one version.\n"
        f'split_clients "$request_id" ${variable} {{\n{trial}    * {found.stable_label};\n}}\n'
        "# In a server; the upstream tf_serving is that of TensorFlow Serving.\n"
        f"location ~ ^/v1/models/{model}(?<tb_versions_rest>:[a-z]+|/metadata)$ {{\n"
        f"    proxy_pass http://tf_serving/v1/models/{found.model}/labels/${variable}$tb_versions_rest;\n"
        "}\n"
    )


def kserve(found: Split) -> str:
    """Returns the fields of a KServe InferenceService that a canary needs.

    KServe gives the percentage to the revision that is applied now, and the rest to the one before. Its TensorFlow
    runtime takes the largest number below `storageUri`, so each version needs a folder with no other number in it.
    """
    number = found.canary if found.percent else found.stable
    trial = f"    canaryTrafficPercent: {found.percent}\n" if found.percent else ""
    before = f"# The revision before must be version {found.stable}, which gets the rest.\n" if found.percent else ""
    name = re.sub(r"[^a-z0-9-]", "-", found.model.lower())
    return (
        f"# {found.says}\n{before}"
        f"# Add storageUri: a folder that holds {visible(found.base_path)}/{number} and no other number; of several "
        "the largest is served.\n"
        "apiVersion: serving.kserve.io/v1beta1\n"
        "kind: InferenceService\n"
        f"metadata:\n  name: {name}\n"
        "spec:\n"
        "  predictor:\n"
        f"{trial}"
        "    model:\n"
        "      modelFormat: {name: tensorflow}\n"
    )


FORMATS: dict[str, Callable[[Split], str]] = {"envoy": envoy, "nginx": nginx, "kserve": kserve}


def _check_words(found: Split) -> None:
    for label in (found.stable_label, found.canary_label):
        if not _WORD.fullmatch(label):
            raise RefusedError(
                f"The alias {shown(label)} can't be a label in a path: TensorFlow Serving's REST interface promises "
                "letters, digits and underscores only."
            )
