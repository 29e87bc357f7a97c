"""Who may see the page: whoever has the token, at an address that is this machine's."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from emotion_core.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORBIDDEN: Final = 403
HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


@dataclass(frozen=True)
class Access:
    """What a request must show.

    Attributes
    ----------
    host : str
        Address at which the page is served.
    port : int
    token : str
        The first part of each path.
    """

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach the page."""
        return not is_loopback(self.host)

    @property
    def url(self) -> str:
        """Of the page, as seen from this machine."""
        host = socket.gethostname() if self.host in {"0.0.0.0", "::"} else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/{self.token}/"

    def refuses(self, host: str, origin: str | None, path: str) -> str | None:
        """Why a request is refused; None where it is not.

        Parameters
        ----------
        host : str
            Header ``Host``: a page elsewhere that has its name resolved to this machine shows its
            own name.
        origin : str or None
            Header ``Origin``: what page a browser sends it for.
        path : str
        """
        if not self._is_ours(host):
            return "this address is not served here"
        if origin is not None and origin != f"http://{host}":
            return "other pages may not use this one"
        if not secrets.compare_digest(path.split("/")[1].encode(), self.token.encode()):
            return "the address lacks its token: copy it whole"
        return None

    def _is_ours(self, host: str) -> bool:
        name, _, port = host.rpartition(":")
        if port != str(self.port):
            return False
        name = name.strip("[]").lower()
        if name == "localhost" or is_loopback(name):
            return True
        return self.is_open and (name in {self.host, socket.gethostname()} or _is_address(name))


def is_loopback(name: str) -> bool:
    """Whether a name or address can only mean this machine."""
    return name == "localhost" or (_is_address(name) and ip_address(name).is_loopback)


def _is_address(name: str) -> bool:
    # A number cannot be made to mean another machine, as a name can.
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound already, so that a port that is taken is known at once.

    Raises
    ------
    UsageError
        Names the host and the port.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # With the protocol named, asyncio sends answers at once, not 40 ms later (TCP_NODELAY).
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(
            None, f"the page cannot be served at {host}, port {port} ({reason}): choose another "
            "--port, or --port 0 for any free one",
        ) from error  # fmt: skip
    return bound


class Guard:
    """Refuses requests that `Access` does, and marks all answers as not to be kept."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        from starlette.responses import PlainTextResponse

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        reason = self._access.refuses(
            headers.get(b"host", b"").decode("latin-1"),
            None if origin is None else origin.decode("latin-1"),
            scope["path"],
        )
        app = self._app if reason is None else PlainTextResponse(f"{reason}\n", FORBIDDEN)
        await app(scope, receive, marked)
