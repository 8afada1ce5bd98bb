"""Machines and people leave a text, and what only looks like them stays."""

from __future__ import annotations

import getpass
import socket

import pytest

from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.privacy.machines import masked_by_name, own_names

TAKEN = {
    "http://[fd00::CA]/x": "http://[host]/x",
    "grpc://[fe80::1]:50051": "grpc://[host]:50051",
    "see https://artifacts.example.com:8443/a": "see https://[host]:8443/a",
    "fe80::1ff:fe23:4567:890a": "[host]",
    "2001:db8:0:1:2:3:4:5 is down": "[host] is down",
    "gpu7.corp.example.com:2222": "[host]:2222",
    "on gpu7.team.example.com.": "on [host].",
    "on gpu7.lab.example.org": "on [host]",
    "--worker_hosts=w1:22,w2:22": "--worker_hosts=[host]:22,[host]:22",
    "--hostname=trainbox": "--hostname=[host]",
    "host = trainbox": "host = [host]",
    "hostname: trainbox": "hostname: [host]",
    "janedoe@trainbox:/data/x": "[user]@[host]:[path]",
    "ssh -i key.pem janedoe@trainbox": "ssh -i key.pem [user]@[host]",
    "scp a.txt janedoe@trainbox:": "scp a.txt [user]@[host]:",
    "janedoe@trainbox:proj/x.git": "[user]@[host]:proj/x.git",
    "janedoe@trainbox:x.git": "[user]@[host]:x.git",
    "janedoe@trainbox:/home/janedoe/x": "[user]@[host]:[path]",
    "on gpu-node-17.internal.": "on [host].",
    "scheduler at 10.20.30.40.": "scheduler at [host].",
    "ip-10-1-2-3 died": "[host] died",
    "ask jäne@exämple.com": "ask [user]",
    "gpu17.corp_v2": "[host]_v2",
    "docker pull registry.team.example.com/x:1": "docker pull [host]/x:1",
}

KEPT = [
    "loss@0.5", "recall@10", "digits@production", "org/repo@main", "actions/checkout@v4", "package@1.0.0",
    "foo@1.2.3rc1", "foo@1.2.0.dev3", "1.2.3:4", "pip install a==1.0", "tensorflow.keras:Model",
    "tensorflow.keras.layers.Dense:10", "my.module.py:120", "a.b.kernel:10", "model/dense/kernel:0", "layer_1/loss",
    "train.py:12", "12:30", "12:30:45", "16:9", "a::b::c", "std::vector::begin", "std::dead::beef", "tf.io.gfile",
    "org.apache.spark", "example.org", "github.com", "keras-2.15.local_build", "-u 1000:1000", "-p 8080:80",
    "host_call=True", "num_hosts=4", "workers=8", "server=true", "--hosts 4", "localhost:6006", "/device:GPU:0",
    "/job:worker/task:0", "dataset:train[:80%]", "seq2seq: a/b", "s3://my.bucket.example.com/x", "agent.policy.net",
    "agent.value.net", "models.resnet.org", "encoder.dec.net:100", "conv.block.in:128", "layer.attn.to:300",
    "main.test.go:120", "op.gpu.cu:300", "exp.lan-1", "sub.corp_v2", "http://127.0.0.1:6006", "http://localhost/x",
    "0.0.0.0:80", "hostname: unknown", "hostname: 127.0.0.1", "--host=none", "python -u pkg.mod:main",
]  # fmt: skip


@pytest.mark.parametrize(("text", "redacted"), TAKEN.items())
def test_a_machine_or_a_person_with_a_telling_shape_is_masked(text: str, redacted: str) -> None:
    assert Redactor().text(text) == redacted
    assert Redactor(include=["hosts", "paths"]).text(text) == text


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_a_machine_stays(text: str) -> None:
    redactor = Redactor()
    assert (redactor.text(text), redactor.name(text)) == (text, text)


@pytest.mark.parametrize(
    ("name", "redacted"),
    [
        ("exp_gpu17.corp", "exp_[host]"),
        ("exp_gpu17.corp_lr0.1/train", "exp_[host]_lr0.1/train"),
        ("exp_gpu17.corp-2", "exp_[host]-2"),
        ("run_10.20.30.40", "run_[host]"),
        ("exp_gpu7.team.example.com", "exp_[host]"),
        ("exp.lan", "[host]"),
        ("Nov25_10-00-00_trainbox/train", "Nov25_10-00-00_[host]/train"),
    ],
)
def test_a_run_loses_the_machine_behind_its_underscore(name: str, redacted: str) -> None:
    assert Redactor().name(name) == redacted


@pytest.mark.parametrize(
    ("name", "mask"),
    [
        *(("hostname", "[host]"), ("worker_hosts", "[host]"), ("cluster.host", "[host]"), ("--host", "[host]")),
        *(("user", "[user]"), ("db-username", "[user]"), ("contact.email", "[user]")),
        *((name, "") for name in ("ghost", "hostility", "host_count", "lr", "num_users", "mailbox")),
    ],
)
def test_the_name_of_a_label_tells_that_it_holds_a_machine_or_a_person(name: str, mask: str) -> None:
    assert masked_by_name(name) == mask


def test_labels_and_options_that_name_machines_lose_them() -> None:
    redacted = Redactor().tree({"labels": {"hostname": "trainbox", "note": "trainbox", "user": "jane"}})
    assert redacted == {"labels": {"hostname": "[host]", "note": "trainbox", "user": "[user]"}}
    arguments = ["--host", "trainbox", "--hosts", "--port", "22", "host"]
    assert Redactor().tree(arguments, "arguments") == ["--host", "[host]", "--hosts", "--port", "22", "host"]
    assert Redactor(include=["hosts"]).tree(arguments, "arguments") == arguments


@pytest.mark.parametrize(
    ("address", "redacted"),
    [
        ("trainbox:~/x", "[host]:[path]"),
        ("janedoe@trainbox:x", "[host]:x"),
        ("https://me:pw@trainbox/x?y=1", "https://[host]/x"),
        ("mnist:3.0.1", "mnist:3.0.1"),
        ("file:/data/x", "[path]"),
        ("s3://bucket/x", "s3://bucket/x"),
    ],
)
def test_an_address_of_data_loses_its_machine(address: str, redacted: str) -> None:
    assert Redactor().tree({"uri": address}) == {"uri": redacted}


def test_names_that_are_words_like_any_other_are_not_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost.localdomain")
    monkeypatch.setattr(getpass, "getuser", lambda: "root")
    assert own_names() == (None, None)
    monkeypatch.setattr(socket, "gethostname", lambda: "trainbox.example.org")
    machine, _ = own_names()
    assert machine
    assert machine.sub("*", "on trainbox and trainbox.example.org, not trainbox2") == "on * and *, not trainbox2"
