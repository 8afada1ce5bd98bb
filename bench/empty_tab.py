"""The smallest tab that a dynamic plugin can have: it takes the time that TensorBoard itself needs."""

from __future__ import annotations

from typing import Any

from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

_MODULE = """
export function render() {
  const box = document.createElement("p");
  box.id = "empty";
  box.textContent = "Nothing.";
  document.body.append(box);
}
"""


class EmptyTab(base_plugin.TBPlugin):  # type: ignore[misc]
    """Shows one word."""

    plugin_name = "bench_empty"

    def __init__(self, context: base_plugin.TBContext) -> None:
        del context

    def get_plugin_apps(self) -> dict[str, Any]:
        """Returns the route of the module."""
        return {"/index.js": _serve}

    def is_active(self) -> bool:
        """Always."""
        return True

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Returns the tab's name and its module."""
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Empty")


@wrappers.Request.application
def _serve(request: wrappers.Request) -> wrappers.Response:
    response: wrappers.Response = http_util.Respond(request, _MODULE, "application/javascript")
    return response
