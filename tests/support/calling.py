"""A client that calls a label of TensorFlow Serving all the while."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.effort import HANGS


class Caller:
    """Calls a label again and again, and keeps which version answered, and what failed."""

    def __init__(self, url: str, label: str = "production") -> None:
        self._url = f"{url}/v1/models/digits/labels/{label}:predict"
        self.answers: list[int] = []
        self.failures: list[str] = []

    def call(self) -> None:
        request = urllib.request.Request(self._url, data=b'{"instances": [[0]]}', method="POST")
        try:
            with urllib.request.urlopen(request, timeout=HANGS) as answer:
                self.answers.append(json.load(answer)["predictions"][0])
        except urllib.error.HTTPError as error:
            self.failures.append(error.read().decode())
        except OSError as error:  # no answer at all is a failed call, too
            self.failures.append(str(error))

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Calls all the while, and once after."""
        ended = threading.Event()

        def call() -> None:
            while not ended.is_set():
                self.call()

        thread = threading.Thread(target=call)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        self.call()
