"""HTTP requests to addresses that users have entered: only to public hosts, within a time limit, up to a size."""

import functools
import ipaddress
import logging
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx
from django.conf import settings

MEGABYTE = 1_048_576
MOST_REDIRECTS = 5
OWN_HEADERS = {"User-Agent": "Taiga", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
NO_ANSWER = (
    httpx.HTTPError,
    httpx.InvalidURL,  # of a redirect
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
)

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # behind a carrier's NAT
        "168.63.129.16/32",  # Azure's host agent
        "192.0.0.0/24",  # protocol assignments, Oracle's metadata
        "192.88.99.0/24",
        "224.0.0.0/4",
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address embedded in an IPv6 one
        "3fff::/20",
    )
]
_METADATA = {
    ipaddress.ip_address(address)
    for address in (
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "192.0.0.192",
        "fd00:ec2::254",
    )
}


# httpx would log every address, and the addresses of chat webhooks are secrets.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Refused(Exception):
    """Nothing was sent: this address may not be called."""


class Failed(Exception):
    """A request was sent, or tried, and no usable answer came back."""

    def __init__(self, reason: str, sent_headers: Mapping[str, str]) -> None:
        super().__init__(reason)
        self.sent_headers = dict(sent_headers)


@dataclass(frozen=True)
class Answer:
    """The answer. Header names keep their spelling; `duration` is in seconds; `truncated` if the body was longer than
    allowed.
    """

    status: int
    headers: dict[str, str]
    content: bytes
    encoding: str
    duration: float
    sent_headers: dict[str, str]
    truncated: bool = False

    def header(self, name: str) -> str:
        """The value of a header, whatever the case of its name; "" if there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    @property
    def text(self) -> str:
        """The body as text that any database can store: without NUL and invalid characters."""
        try:
            text = self.content.decode(self.encoding, errors="replace")
        except (LookupError, ValueError):
            text = self.content.decode(errors="replace")
        return text.replace("\0", "\ufffd")


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float = 10.0,
    allow_private: bool,
    allow_redirects: bool,
    max_response_bytes: int = MEGABYTE,
) -> Answer:
    """Send exactly these bytes. A longer answer than `max_response_bytes` is cut. Raises Refused or Failed."""
    return request(
        "POST",
        url,
        body=body,
        headers=headers,
        timeout=timeout,
        allow_private=allow_private,
        allow_redirects=allow_redirects,
        max_response_bytes=max_response_bytes,
    )


def get(
    url: str,
    headers: Mapping[str, str] | None = None,
    *,
    timeout: float = 10.0,
    allow_private: bool,
    allow_redirects: bool = True,
    max_response_bytes: int = 10 * MEGABYTE,
) -> Answer:
    """Fetch a whole document or file. Raises Refused, or Failed also for one that is longer than
    `max_response_bytes`.
    """
    answer = request(
        "GET",
        url,
        headers=headers or {},
        timeout=timeout,
        allow_private=allow_private,
        allow_redirects=allow_redirects,
        max_response_bytes=max_response_bytes,
    )
    if answer.truncated:
        raise Failed(f"the answer is longer than {max_response_bytes} bytes", answer.sent_headers)
    return answer


def request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str],
    timeout: float,
    allow_private: bool,
    allow_redirects: bool,
    max_response_bytes: int,
) -> Answer:
    """Send a request and follow its redirects, within `timeout` seconds in all. An answer of any status is an
    answer.
    """
    started = time.monotonic()
    sent = dict(headers) | ({"Content-Length": str(len(body))} if body else {})
    network = Network(started + timeout, timeout, allow_private=allow_private)
    try:
        with httpx.Client(transport=Transport(network), headers=OWN_HEADERS, trust_env=False) as client:
            first = _built(client, method, url, body, headers)
            hops = MOST_REDIRECTS if allow_redirects else 0
            with _answered(client, first, hops) as response:
                content, truncated = _read(response, max_response_bytes)
    except NO_ANSWER as problem:
        raise Failed(str(problem) or type(problem).__name__, sent) from problem
    return Answer(
        status=response.status_code,
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers.raw},
        content=content,
        encoding=response.charset_encoding or "utf-8",
        duration=time.monotonic() - started,
        sent_headers=sent,
        truncated=truncated,
    )


def is_literally_private(url: str) -> bool:
    """Whether the host of an address is `localhost` or a private IP address, without a look-up in the DNS."""
    try:
        host = httpx.URL(url).host.rstrip(".").lower()
        if host == "localhost" or host.endswith(".localhost"):
            return True
        numbers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (httpx.InvalidURL, OSError, ValueError):
        return False
    return not all(is_public(ipaddress.ip_address(str(number[4][0]).partition("%")[0])) for number in numbers)


def is_public(address: IPAddress) -> bool:
    """Whether an address is reachable in the public internet; of an IPv4 address embedded in an IPv6 one, whether that
    is.
    """
    address = _unwrapped(address)
    if address.version == 6 and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not any(address in network for network in _NOT_PUBLIC)


class Transport(httpx.BaseTransport):
    """An httpx transport whose connections are made by `Network`. Host names and certificates stay those of the
    address.
    """

    def __init__(self, network: "Network") -> None:
        self.network = network
        self.pool: httpcore.ConnectionPool
        if settings.OUTBOUND_PROXY:
            network.proxied = True
            self.pool = httpcore.HTTPProxy(settings.OUTBOUND_PROXY, ssl_context=_tls(), network_backend=network)
        else:
            self.pool = httpcore.ConnectionPool(ssl_context=_tls(), network_backend=network)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise Refused(f"only http and https addresses can be called, not {request.url.scheme or 'this'}")
        if not self.network.allow_private and is_literally_private(str(request.url)):
            raise Refused(f"{request.url.host} is a private address")
        answer = self.pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=Body(answer))

    def close(self) -> None:
        self.pool.close()


class Body(httpx.SyncByteStream):
    """The body of an answer as httpx reads it."""

    def __init__(self, answer: httpcore.Response) -> None:
        self.answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self.answer.iter_stream()

    def close(self) -> None:
        self.answer.close()


class Network(httpcore.NetworkBackend):
    """Resolves a host name once, checks all its addresses, and connects to nothing but these."""

    def __init__(self, deadline: float, seconds: float, *, allow_private: bool) -> None:
        self.deadline = deadline
        self.seconds = seconds
        self.allow_private = allow_private
        self.proxied = False

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        addresses = self.resolve(host, port)
        if not self.proxied:
            self.ensure_allowed(host, addresses)
        problem = ""
        for place, address in enumerate(addresses):
            share = self.left(httpcore.ConnectTimeout) / (len(addresses) - place)
            try:
                return Stream(socket.create_connection(address[:2], share), self)
            except OSError as error:
                problem = str(error)
        raise httpcore.ConnectError(f"no connection to {host}: {problem}")

    def resolve(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """The addresses of a host. The system's resolver has no time limit, so it runs in a thread that can be
        abandoned.
        """
        found: queue.SimpleQueue[list[tuple[Any, ...]] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found.put([info[4] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
            except (OSError, ValueError) as error:
                found.put(error)

        threading.Thread(target=ask, daemon=True, name="resolve").start()
        try:
            answer = found.get(timeout=self.left(httpcore.ConnectTimeout))
        except queue.Empty:
            raise self.late(httpcore.ConnectTimeout) from None
        if isinstance(answer, Exception):
            raise httpcore.ConnectError(f"the name {host} is not known: {answer}")
        return answer

    def ensure_allowed(self, host: str, addresses: list[tuple[Any, ...]]) -> None:
        """Refuse a host if one of its addresses is private, or that of a cloud's metadata service. Raises Refused."""
        for address in addresses:
            number = ipaddress.ip_address(str(address[0]).partition("%")[0])
            if _unwrapped(number) in _METADATA or not (self.allow_private or is_public(number)):
                raise Refused(f"{host} has the private address {number}")

    def left(self, late: type[Exception]) -> float:
        """The seconds that are left. Raises `late` if there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self.late(late)
        return left

    def late(self, late: type[Exception]) -> Exception:
        """The error of a request that took too long."""
        return late(f"no answer within {self.seconds:g} seconds")


class Stream(httpcore.NetworkStream):
    """A connection on which each operation may take the time that is left for the whole request."""

    def __init__(self, connection: socket.socket, network: Network) -> None:
        self.connection = connection
        self.network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self.in_time(httpcore.ReadTimeout, httpcore.ReadError):
            return self.connection.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        while rest:
            with self.in_time(httpcore.WriteTimeout, httpcore.WriteError):
                rest = rest[self.connection.send(rest) :]

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        with self.in_time(httpcore.ConnectTimeout, httpcore.ConnectError):
            return Stream(ssl_context.wrap_socket(self.connection, server_hostname=server_hostname), self.network)

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def in_time(self, late: type[Exception], broken: type[Exception]) -> Iterator[None]:
        self.connection.settimeout(self.network.left(late))
        try:
            yield
        except TimeoutError:
            raise self.network.late(late) from None
        except OSError as error:
            raise broken(str(error)) from error


def _built(client: httpx.Client, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Request:
    try:
        return client.build_request(method, url, content=body or None, headers=dict(headers))
    except (httpx.InvalidURL, ValueError) as problem:
        raise Refused(f"this cannot be sent: {problem}") from problem


@contextmanager
def _answered(client: httpx.Client, request: httpx.Request, hops: int) -> Iterator[httpx.Response]:
    """The last answer of a chain of redirects; the bodies of the others are not read."""
    while True:
        response = client.send(request, stream=True)
        if response.next_request is None or not hops:
            break
        request, hops = response.next_request, hops - 1
        response.close()
    try:
        yield response
    finally:
        response.close()


def _read(response: httpx.Response, most: int) -> tuple[bytes, bool]:
    """The body as it was sent, and whether it was cut. It is not decompressed, so that a small answer cannot become a
    large one.
    """
    content = bytearray()
    for part in response.iter_raw():
        content += part
        if len(content) > most:
            return bytes(content[:most]), True
    return bytes(content), False


def _unwrapped(address: IPAddress) -> IPAddress:
    """The IPv4 address that is embedded in an IPv6 address; else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


@functools.cache
def _tls() -> ssl.SSLContext:
    """The context with the public certificate authorities, or those of SSL_CERT_FILE. Loading it takes longer than a
    request.
    """
    return httpx.create_ssl_context()
