"""Pages of the site that are no files of docs/: none is a second copy of a text.

README, CHANGELOG, CONTRIBUTING and SECURITY come from the project's top folder, the Python reference from the
docstrings, the HTTP reference from docs/openapi.yaml. Links are written as GitHub needs them; here they are adapted.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

import tb_versions

ROOT = Path(__file__).parent.parent
TOP = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
_made = tempfile.TemporaryDirectory()
_LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")


def on_config(config: Any) -> Any:
    """Adds all decisions to the navigation, where their index stands last."""
    (*_, project) = config.nav
    (*_, decisions) = project["Project"]
    decisions["Decisions"] += sorted(f"decisions/{path.name}" for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages that are made from other sources."""
    pages = {
        "index.md": _top_page("README.md"),
        **{name: _top_page(name) for name in TOP if name.endswith(".md")},
        "python.md": _python_reference(),
        "http-reference.md": f"# HTTP API, every field\n\n[OAD({ROOT / 'docs' / 'openapi.yaml'})]\n",
    }
    folder = Path(tempfile.mkdtemp(dir=_made.name))  # in files: a plugin asks for their folder
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
        files.append(File(name, str(folder), config.site_dir, use_directory_urls=False))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links above docs/ lead to the pages made here, or to no page where it is source code."""
    depth = page.file.src_uri.count("/")
    return _LINK.sub(lambda link: f"{link[1]}({target})" if (target := _adapted(link[2], depth)) else link[1], markdown)


def _adapted(target: str, depth: int) -> str:
    above = "../" * (depth + 1)
    if not target.startswith(above):
        return target
    name = target.removeprefix(above)
    return "../" * depth + name if name.partition("#")[0] in TOP else ""


def _top_page(name: str) -> str:
    text = (ROOT / name).read_text(encoding="utf-8")
    text = _LINK.sub(lambda link: f"{link[1]}({link[2].removeprefix('docs/')})", text)
    return text.replace("[LICENSE](LICENSE)", "LICENSE")


_INTEGRATIONS = (
    "lightning.PublishVersions",
    "transformers.PublishVersions",
    "keras_tuner.PublishTrials",
    "sklearn.publish_estimator",
    "xgboost.publish_booster",
    "lightgbm.publish_booster",
)


def _python_reference() -> str:
    """One section a public name, from its docstring."""
    names = [name for name in tb_versions.__all__ if not name.startswith("__")]
    functions = [name for name in names if name.islower()]
    classes = [name for name in names if not name.islower() and not name.endswith(("Error", "Warning"))]
    errors = [name for name in names if name.endswith(("Error", "Warning"))]
    parts = ["# Python\n\n`import tb_versions as tbv`\n"]
    for title, group in (("Functions and modules", functions), ("Classes", classes), ("Errors", errors)):
        parts.append(f"\n## {title}\n")
        parts += [f"\n::: {_home(name)}\n" for name in group]
    parts.append("\n## Other frameworks\n")
    parts += [f"\n::: tb_versions.integrations.{name}\n" for name in _INTEGRATIONS]
    return "\n".join(parts)


def _home(name: str) -> str:
    module = tb_versions._MODULE_OF.get(name)
    return f"tb_versions.{module}.{name}" if module else f"tb_versions.{tb_versions._MODULES.get(name, name)}"
