"""The socket on which the server listens. It is bound before anything else is done, so that a port in use is noticed at
once.
"""

import socket

ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - a comparison, not a binding


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound to this address. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    return listener


def port_of(listener: socket.socket) -> int:
    """The port of a socket."""
    port: int = listener.getsockname()[1]
    return port


def bracketed(host: str) -> str:
    """A host for a URL: IPv6 addresses need brackets."""
    return f"[{host}]" if ":" in host else host


def domain_of(listener: socket.socket, host: str) -> str:
    """The domain of the site if the operator has set none: what a browser on this machine needs."""
    name = "localhost" if host in ANYWHERE else bracketed(host)
    port = port_of(listener)
    return name if port == 80 else f"{name}:{port}"
