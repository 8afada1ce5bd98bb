"""publish_estimator beside real estimators."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.integrations.sklearn import publish_estimator

pytest.importorskip("sklearn")
pytest.importorskip("skops")

QUIET = tbv.Capture(code=False, environment=True, hardware=False)


def pipeline(**options: Any) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(**options))


def test_an_estimator_becomes_a_version_that_predicts_the_same_when_loaded(table: Any, classes: Any) -> None:
    import skops.io

    estimator = pipeline(C=0.5).fit(table, classes)
    accuracy = estimator.score(table, classes)
    version = publish_estimator(estimator, "models", name="iris", metrics={"accuracy": accuracy}, strict=True)
    assert version is not None
    loaded = skops.io.load(version.path / "model.skops", trusted=[])  # type: ignore[operator]
    assert loaded.score(table, classes) == version.metrics["accuracy"] == accuracy


def test_the_reader_shows_framework_signature_and_parameters(table: Any, classes: Any) -> None:
    publish_estimator(pipeline(C=0.5).fit(table, classes), "models", name="iris", strict=True)
    (version,) = tbv.open_catalog(models_dir="models").versions
    assert version.listing is not None
    assert version.listing.framework == "scikit-learn"
    manifest = tbv.path("iris", models_dir="models")
    told = (manifest / "version_manifest.json").read_text()
    assert '"format":"sklearn"' in told.replace(" ", "")
    assert '"name":"width"' in told.replace(" ", "")
    assert '"logisticregression__C":0.5' in told.replace(" ", "")


def test_joblib_is_written_only_when_asked_for_and_nothing_is_loaded(table: Any, classes: Any) -> None:
    import joblib

    version = publish_estimator(pipeline().fit(table, classes), "models", name="iris", file="joblib", strict=True)
    assert version is not None
    assert [file.path for file in version.manifest.files] == ["model.joblib"]
    assert joblib.load(version.path / "model.joblib").score(table, classes) > 0.5  # type: ignore[operator]


def test_estimators_inside_are_not_parameters_but_their_own_parameters_are(table: Any, classes: Any) -> None:
    version = publish_estimator(pipeline(C=2.0).fit(table, classes), "models", name="iris", strict=True)
    assert version is not None
    names = set(version.manifest.hyperparameters)
    assert {"logisticregression__C", "standardscaler__with_mean"} <= names
    assert not {"steps", "logisticregression"} & names


def test_columns_without_names_are_one_input(table: Any, classes: Any) -> None:
    version = publish_estimator(pipeline().fit(table.to_numpy(), classes), "models", name="iris", strict=True)
    assert version is not None
    assert version.manifest.saved_model is not None
    (tensor,) = version.manifest.saved_model.meta_graphs[0].signatures[0].inputs
    assert tensor.shape is not None
    assert tensor.shape.dimensions == (-1, 3)


def test_an_estimator_that_is_not_fitted_is_refused(table: Any) -> None:
    with pytest.raises(tbv.ModelExportError, match="not fitted yet"):
        publish_estimator(pipeline(), "models", name="iris")
    assert not Path("models/iris").exists()


def test_what_is_no_estimator_is_refused() -> None:
    with pytest.raises(TypeError, match="takes a fitted estimator"):
        publish_estimator({"a": 1}, "models", name="iris")


def test_an_estimator_that_skops_cannot_write_is_one_warning_and_no_version(table: Any, classes: Any) -> None:
    from sklearn.pipeline import make_pipeline

    class Local:
        """A class inside a function: no other program can find it."""

        def fit(self, *_: Any) -> Any:
            return self

        def transform(self, x: Any) -> Any:
            return x

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            return {}

        def __reduce__(self) -> Any:
            raise RuntimeError("no")

    estimator = make_pipeline(Local(), pipeline().fit(table, classes))
    with pytest.warns(tbv.TbVersionsWarning, match="was not published"):
        assert publish_estimator(estimator, "models", name="iris", file="joblib") is None
    assert [path.name for path in Path("models/iris").glob("[0-9]*")] == []


def test_publish_says_which_function_takes_an_estimator(table: Any, classes: Any) -> None:
    with pytest.raises(TypeError, match=r"integrations\.sklearn\.publish_estimator\(\) takes it"):
        tbv.publish(pipeline().fit(table, classes), "models", name="iris")


@pytest.mark.parametrize("module", ["sklearn", "xgboost", "lightgbm", "lightning", "transformers", "keras_tuner"])
def test_importing_a_module_loads_no_library(module: str) -> None:
    script = (
        f"import sys, tb_versions.integrations.{module}\n"
        "heavy = {'sklearn', 'xgboost', 'lightgbm', 'torch', 'lightning', 'transformers', 'keras', 'tensorflow'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(tbv.__file__).parent.parent)


def test_a_missing_library_is_one_sentence_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skops.io", None)
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(tbv.MissingDependencyError, match=r"needs skops: pip install .*\[sklearn\].* file=\"joblib\""):
        publish_estimator(estimator, "models", name="iris")
