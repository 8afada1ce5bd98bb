"""Strings that want to be more than text, and manifests made of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.written import plain_manifest

SCRIPTS = (
    "<script>CALL</script>",
    "<script src=CANARY/s.js></script>",
    "<ScRiPt>CALL</sCrIpT>",
    "</script><script>CALL</script>",
    "</title><script>CALL</script>",
    "</textarea><script>CALL</script>",
    "</style><script>CALL</script>",
    "<!--<script>CALL//-->",
    "<img src=x onerror=CALL>",
    '<img src="CANARY/i.png">',
    '"><img src=CANARY/q.png onerror=CALL>',
    "'><img src=CANARY/a.png onerror=CALL>",
    "`><img src=CANARY/b.png onerror=CALL>",
    "<svg onload=CALL>",
    "<svg><script>CALL</script></svg>",
    "<svg><a xlink:href='javascript:CALL'><text y=20>x</text></a></svg>",
    "<svg><use href='CANARY/u.svg#x'/></svg>",
    "<svg><foreignObject><img src=CANARY/fo.png></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=CALL>",
    "<iframe src=CANARY/f></iframe>",
    "<iframe srcdoc='<script>parent.CALL</script>'>",
    "<object data=CANARY/o></object>",
    "<embed src=CANARY/e>",
    "<video src=CANARY/v onerror=CALL></video>",
    "<audio src=CANARY/au autoplay></audio>",
    "<link rel=stylesheet href=CANARY/l.css>",
    "<style>@import 'CANARY/st.css'; *{background:url(CANARY/bg.png)}</style>",
    "<div style='background:url(CANARY/dv.png)'>x</div>",
    "<base href=CANARY/>",
    "<meta http-equiv=refresh content='0;url=CANARY/m'>",
    "<form action=CANARY/fm><button autofocus onfocus=CALL>x</button></form>",
    "<input autofocus onfocus=CALL>",
    "<details open ontoggle=CALL>",
    "<body onload=CALL>",
    "<a href='javascript:CALL'>x</a>",
    "<a href=CANARY/ping ping=CANARY/pinged>x</a>",
    "<template><script>CALL</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=CALL>'>",
    "javascript:CALL",
    "data:text/html,<script>CALL</script>",
    "![x](CANARY/md.png)",
    "![x][r]\n\n[r]: CANARY/ref.png",
    "[x](javascript:CALL)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](  JaVaScRiPt:CALL)",
    "<javascript:CALL>",
    "[x]: javascript:CALL\n[x]",
    "**bold <img src=CANARY/bold.png>**",
    "${CALL}",
    "{{constructor.constructor('CALL')()}}",
    "#{CALL}",
    "\\u003cimg src=x onerror=CALL\\u003e",
    "&lt;img src=x onerror=CALL&gt;",
    "%3Cimg%20src=x%20onerror=CALL%3E",
    "\x00<img src=x onerror=CALL>",
    "';CALL;'",
    '";CALL;"',
    "]]><script>CALL</script>",
    "{a|<img src=CANARY/rich.png>}",
    "{b} {c} {@[0]}",
    "url(CANARY/url.png)",
    "CANARY/plain",
)

NAMES = (
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "__defineGetter__",
    "..",
    ".",
    " ",
    "CON",
    "a\\b",
    "a%2fb",
    "a#b",
    "a?b",
    "-rf",
    "n" * 300,
    "\u202egnp.exe",
    "\u2066isolated\u2069",
    "zero\u200bwidth",
    "раураl",
    "👩‍👩‍👧‍👦",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
)


def strings(canary: str, folder: Path | None = None) -> list[str]:
    """All of them, each once: ours, names that mean something to a program, and the list of naughty strings.

    Args:
        canary: Address of the server that nobody should ask.
        folder: Folder with the inputs of others, where it is there.
    """
    naughty = json.loads((folder / "naughty-strings" / "blns.json").read_text()) if folder else []
    call = f"fetch('{canary}/called',alert(1))"
    ours = [each.replace("CALL", call).replace("CANARY", canary) for each in SCRIPTS]
    return [each for each in dict.fromkeys([*ours, *NAMES, *naughty]) if each]


def manifest(model: str, number: int, texts: Sequence[str]) -> dict[str, Any]:
    """A manifest with these texts in every field that holds text."""
    digest = "sha256:" + "0123456789abcdef" * 4
    joined = "\n".join(texts)
    tensor = [{"name": t, "dtype": t, "tensor": t, "shape": {"dimensions": ["-1", "2"]}} for t in texts]
    return plain_manifest(
        model,
        number,
        createdBy=joined,
        format="saved_model",
        description="\n\n".join(texts),
        labels={t: t for t in texts},
        metrics=[
            {"name": t, "value": i, "dataset": texts[-i], "slice": t, "run": t, "tag": t, "source": "LOG", "step": "1"}
            for i, t in enumerate(texts)
        ]
        + [{"name": t, "value": i} for i, t in enumerate(texts)],
        hyperparameters={t: t for t in texts},
        runs=[{"name": t, "step": "3"} for t in texts],
        parents=[{"model": t, "number": "1", "digest": digest, "relation": "DERIVED_FROM"} for t in texts],
        datasets=[{"name": t, "uri": t, "split": t, "digestOf": t, "digest": digest} for t in texts],
        code={
            "commit": joined,
            "branch": joined,
            "remote": texts[0],
            "dirty": True,
            "dirtyFiles": list(texts),
            "diff": joined,
            "entryPoint": joined,
            "arguments": list(texts),
        },
        environment={
            **dict.fromkeys(("python", "os", "tensorflow", "keras", "numpy", "cuda", "cudnn"), joined),
            "packages": {t: t for t in texts},
        },
        hardware={"cpu": joined, "cores": 2, "gpus": [{"name": t} for t in texts]},
        seeds=dict.fromkeys(texts, "1"),
        savedModel={
            "metaGraphs": [
                {
                    "tags": list(texts),
                    "tensorflowVersion": joined,
                    "signatures": [{"key": t, "method": t, "inputs": tensor, "outputs": tensor} for t in texts[:3]],
                    "ops": dict.fromkeys(texts, 1),
                }
            ],
            "variables": [{"name": t, "dtype": t, "shape": {"dimensions": ["2"]}} for t in texts],
            "fingerprint": dict.fromkeys(("savedModelChecksum", "graphDefProgramHash"), joined),
        },
        files=[{"path": t, "size": "1", "digest": digest} for t in texts],
        digest=digest,
        sizeBytes="1",
    )


def may_be_a_folder(text: str) -> bool:
    """Whether a file system takes this as a name."""
    return text not in (".", "..") and "/" not in text and "\0" not in text and len(text.encode()) <= 255


@contextmanager
def canary_server() -> Iterator[tuple[str, list[str]]]:
    """A server that nobody should ever ask; yields its address and what was asked."""
    hits: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_error(404)

        do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 -- names of the base class

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", hits
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
