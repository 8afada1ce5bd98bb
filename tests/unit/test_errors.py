from __future__ import annotations

import inspect

import pytest

import tb_versions
from tb_versions import errors


def test_every_error_has_one_root_and_says_what_it_means() -> None:
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    assert len(classes) > 15
    for cls in classes:
        assert cls.__doc__
        assert issubclass(cls, errors.TbVersionsWarning if cls.__name__.endswith("Warning") else errors.TbVersionsError)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    text = errors.__doc__ or ""
    classes = [name for name, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    assert [name for name in classes if name not in text] == []


def test_errors_are_caught_as_pythons_own_too() -> None:
    assert issubclass(errors.InvalidManifestError, ValueError)
    assert issubclass(errors.VersionNotFoundError, LookupError)
    assert issubclass(errors.MissingDependencyError, ImportError)
    assert issubclass(errors.NewerSchemaError, errors.InvalidManifestError)


def test_the_old_name_of_a_models_export_error_still_catches_it() -> None:
    assert tb_versions.ExportError is tb_versions.ModelExportError
    with pytest.raises(tb_versions.ExportError, match="no weights"):
        raise tb_versions.ModelExportError("no weights")
