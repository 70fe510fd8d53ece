"""Where the process listens; taken before anything else is done, so that a busy port is noticed at once."""

import socket

ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - a comparison, not a binding


def listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    return listener


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def domain_of(listener: socket.socket, host: str) -> str:
    """What a browser on this machine would type: the site's domain when the operator names none."""
    name = "localhost" if host in ANYWHERE else bracketed(host)
    port = port_of(listener)
    return name if port == 80 else f"{name}:{port}"
