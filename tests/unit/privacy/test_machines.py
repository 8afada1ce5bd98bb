"""Machines and people leave a text, and what only looks like them stays."""

from __future__ import annotations

import pytest

from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.privacy.machines import names_host, without_host_before_path, without_hosts_of_options

TAKEN = {
    "http://[fd00::CA]/x": "http://[host]/x",
    "grpc://[fe80::1]:50051": "grpc://[host]:50051",
    "fe80::1ff:fe23:4567:890a": "[host]",
    "2001:db8:0:1:2:3:4:5 is down": "[host] is down",
    "gpu7.corp.example.com:2222": "[host]:2222",
    "node3.cluster.example.de:22": "[host]:22",
    "on gpu7.team.example.com.": "on [host].",
    "--worker_hosts=w1:22,w2:22": "--worker_hosts=[host]:22,[host]:22",
    "--hostname=trainbox": "--hostname=[host]",
    "host = trainbox": "host = [host]",
    "hostname: trainbox": "hostname: [host]",
    "janedoe@trainbox:/data/x": "[user]@[host]:[path]",
    "--master=trainbox:7077": "--master=[host]:7077",
    '{"worker": ["trainbox:2222", "trainbox:2223"]}': '{"worker": ["[host]:2222", "[host]:2223"]}',
    "ssh -i key.pem janedoe@trainbox": "ssh -i key.pem [user]@[host]",
    "scp a.txt janedoe@trainbox:": "scp a.txt [user]@[host]:",
    "janedoe@trainbox:proj/x.git": "[user]@[host]:proj/x.git",
    "janedoe@trainbox:x.git": "[user]@[host]:x.git",
    "janedoe@trainbox:/home/janedoe/x": "[user]@[host]:[path]",
    "on gpu-node-17.internal.": "on [host].",
    "scheduler at 10.20.30.40.": "scheduler at [host].",
    "ip-10-1-2-3 died": "[host] died",
    "ask jäne@exämple.com": "ask [user]",
    "on gpu7.lab.example.org": "on [host]",
    "db.team.example.io:5432": "[host]:5432",
    "a.b.example.io:22": "[host]:22",
    "gpu17.corp_v2": "[host]_v2",
    "docker pull registry.team.example.com/x:1": "docker pull [host]/x:1",
}

KEPT = [
    "loss@0.5", "recall@10", "digits@production", "org/repo@main", "actions/checkout@v4", "package@1.0.0",
    "foo@1.2.3rc1", "foo@1.2.0.dev3", "1.2.3:4", "pip install a==1.0", "tensorflow.keras:Model",
    "tensorflow.keras.layers.Dense:10", "my.module.py:120", "a.b.kernel:10", "model/dense/kernel:0", "layer_1/loss",
    "train.py:12", "12:30", "12:30:45", "16:9", "a::b::c", "std::vector::begin", "std::dead::beef", "tf.io.gfile",
    "org.apache.spark", "example.org", "keras-2.15.local_build", "-u 1000:1000", "-p 8080:80", "host_call=True",
    "num_hosts=4", "workers=8", "server=true", "--hosts 4", "localhost:6006", "/device:GPU:0", "/job:worker/task:0",
    "dataset:train[:80%]", "seq2seq: a/b", "https://www.tensorflow.org/guide", "s3://my.bucket.example.com/x",
    "agent.policy.net", "agent.value.net", "actor.target.net", "models.resnet.org", "encoder.dec.net:100",
    "conv.block.in:128", "layer.attn.to:300", "main.test.go:120", "op.gpu.cu:300", "exp.lan-1", "sub.corp_v2",
    "mcr.microsoft.com/x/y:1.0", "registry.gitlab.com/o/r:2", "docker.io/o/r", "ghcr.io/o/r", "https://quay.io/o/r",
    "https://docs.python.org/3/library", "download.pytorch.org/whl", "raw.githubusercontent.com/o/r", "tfhub.dev/x",
    "https://arxiv.org/abs/1", "https://doi.org/1", "www.kaggle.com/x", "http://127.0.0.1:6006", "0.0.0.0:80",
    "hostname: unknown", "host=local", "host=all", "hostname: 127.0.0.1", "host=cuda:0", "host=auto", "--host=none",
    "python -u pkg.mod:main",
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), TAKEN.items())
def test_a_machine_or_a_person_that_a_shape_tells_is_taken_out(text: str, told: str) -> None:
    assert Redactor().text(text) == told
    assert Redactor(include=["hosts", "paths"]).text(text) == text


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_a_machine_stays(text: str) -> None:
    redactor = Redactor()
    assert (redactor.text(text), redactor.name(text)) == (text, text)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("exp_gpu17.corp", "exp_[host]"),
        ("exp_gpu17.corp_lr0.1/train", "exp_[host]_lr0.1/train"),
        ("exp_gpu17.corp-2", "exp_[host]-2"),
        ("run_10.20.30.40", "run_[host]"),
        ("exp_gpu7.team.example.com", "exp_[host]"),
        ("gpu7.lab.example.org", "gpu7.lab.example.org"),
        ("node3.cluster.example.de:22", "node3.cluster.example.de:22"),
        ("exp.lan", "[host]"),
    ],
)
def test_a_run_loses_the_machine_behind_its_underscore(name: str, told: str) -> None:
    assert Redactor().name(name) == told


def test_options_and_labels_that_name_machines_lose_them() -> None:
    assert without_hosts_of_options(["--host", "trainbox", "--hosts", "--port", "22", "host"]) == [
        *("--host", "[host]", "--hosts", "--port", "22", "host")
    ]
    assert Redactor().tree(["--host", "https://me:pw@trainbox/x"], "arguments") == ["--host", "https://[host]/x"]
    told = Redactor().tree({"labels": {"hostname": "trainbox", "note": "trainbox"}})
    assert told == {"labels": {"hostname": "[host]", "note": "trainbox"}}
    nobody = {"host": "all", "hostname": "unknown", "hosts": "localhost,127.0.0.1"}
    assert Redactor().tree({"labels": nobody}) == {"labels": nobody}
    assert not any(names_host(name) for name in ("ghost", "hostility", "host_count", "lr"))


@pytest.mark.parametrize(
    ("address", "is_remote", "told"),
    [
        ("trainbox:team/x.git", True, "[host]:team/x.git"),
        ("github.com:team/x.git", True, "github.com:team/x.git"),
        ("https://trainbox/x", True, "https://trainbox/x"),
        ("trainbox:~/x", False, "[host]:~/x"),
        ("janedoe@trainbox:x", False, "[host]:x"),
        ("mnist:3.0.1", False, "mnist:3.0.1"),
        ("file:/data/x", False, "file:/data/x"),
        ("s3://bucket/x", False, "s3://bucket/x"),
    ],
)
def test_an_address_of_data_or_code_loses_its_machine(address: str, is_remote: bool, told: str) -> None:
    assert without_host_before_path(address, is_remote=is_remote) == told
