"""Who may change something from the tab: whoever has the token, from an address that was named on the command line.

TensorBoard has no login and checks neither Host nor Origin. A page of another site could send requests to it (and, by
DNS rebinding, even with equal Host and Origin), so both must be on a list, and the token is in a header, which a page
of another site can't set without being asked first.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from werkzeug import wrappers

HEADER = "X-TB-Versions-Token"
"""The header that brings the token."""

_SCHEMES = {"http": 80, "https": 443}


class Guard:
    """Decides about requests that change something.

    Attributes:
        token: What a request must bring.
    """

    def __init__(self, origins: Sequence[str] = ()) -> None:
        """Makes a new token.

        Args:
            origins: Allowed beside those of this machine: "https://host:port".
        """
        self.token = secrets.token_urlsafe(32)
        self._origins = {origin for text in origins if (origin := _origin(text))}
        self._hosts = {host for host, _ in (origin[1:] for origin in self._origins)}

    def refusal(self, request: wrappers.Request) -> str:
        """Returns why a request may change nothing, a sentence; or ""."""
        headers = request.headers
        if not self.is_known_host(request):
            return f"This address is not allowed to change anything; {_REMEDY}"
        origin = _origin(headers.get("Origin", ""))
        if origin is None or not (_is_loopback(origin[1]) or origin in self._origins):
            return f"The page that asks is not from an allowed address; {_REMEDY}"
        if headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return "A page of another site asked for this change."
        if headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
            return "A change is asked for with Content-Type: application/json."
        if not hmac.compare_digest(headers.get(HEADER, "").encode("utf-8", "replace"), self.token.encode()):
            return "The token is missing or wrong; open the link that TensorBoard printed when it started."
        return ""

    def is_known_host(self, request: wrappers.Request) -> bool:
        """Whether the Host of a request is on the list."""
        origin = _origin(f"http://{request.headers.get('Host', '')}")
        return origin is not None and (_is_loopback(origin[1]) or origin[1] in self._hosts)


_REMEDY = "name it with --versions_allowed_origin when TensorBoard is started."


def _origin(text: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None if it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in _SCHEMES or not host or extra or not text.isascii():
        return None
    return parts.scheme, host, port or _SCHEMES[parts.scheme]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
