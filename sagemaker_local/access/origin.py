"""What a browser may ask of a server on this machine: nothing on behalf of another site.

A page of another site can send requests here, though it may not be allowed to read the answers. Browsers say where a
request comes from: in Origin and Sec-Fetch-Site; and a name that was turned to this machine (DNS rebinding) stands in
Host.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
OWN_SITE = frozenset({"", "none", "same-origin"})


def foreign_host(host: str, port: int | None) -> str:
    """Why this Host header is refused; empty when it names this machine and, unless that is None, the port."""
    try:
        parts = urlsplit(f"//{host}")
        named = parts.hostname in NAMES and parts.netloc == parts.netloc.rpartition("@")[2]
        right = port is None or (parts.port or 80) == port
    except ValueError:
        named = right = False
    if named and right and not (parts.path or parts.query):
        return ""
    return f"Host '{host}' is not this server. Ask 127.0.0.1{'' if port is None else f':{port}'}."


def foreign_site(headers: Mapping[str, str], *, may_link: bool = False) -> str:
    """Why a request of this site is refused; empty when no other site sent it. may_link: others may link here."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "")
    if origin is not None and origin != f"http://{headers.get('host', '')}":
        return f"A page of '{origin}' may not ask this server."
    if site not in OWN_SITE and not (may_link and headers.get("sec-fetch-mode") == "navigate"):
        return "A page of another site may not ask this server."
    return ""
