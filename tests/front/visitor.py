"""Somebody in front of a browser, and all that goes wrong there: errors of the page, and answers that refuse."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Response, WebSocket, expect

from tests.front.site import Person, Site

PATIENCE = 30_000
TELLING = 300
"""Milliseconds: the front reads some fields and its editor with a delay, and saves what it has read."""
EXPECTED = [(404, r"/user-storage/")]
"""The front asks for what it may have kept there before it keeps it."""


class Visitor:
    def __init__(self, browser: Browser, site: Site, person: Person | None = None) -> None:
        self.site = site
        self.context = browser.new_context(
            base_url=site.base, viewport={"width": 1400, "height": 1000}, locale="en-US", accept_downloads=True
        )
        self.context.set_default_timeout(PATIENCE)
        if person:
            kept = {"token": person.token, "refresh": person.told["refresh"], "userInfo": person.told}
            lines = [f"localStorage.{name} ??= {json.dumps(json.dumps(value))};" for name, value in kept.items()]
            self.context.add_init_script("".join(lines))
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.expected = [*EXPECTED]
        self.subscribed: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._on_response)
        self.page.on("websocket", self._on_websocket)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _on_response(self, response: Response) -> None:
        known = any(status == response.status and re.search(where, response.url) for status, where in self.expected)
        if response.status >= 400 and not known:
            request = response.request
            self.faults.append(f"{self.page.url}: {request.method} {response.url} {response.status}")

    def _on_websocket(self, socket: WebSocket) -> None:
        """Each page that is loaded has one of its own."""
        self.subscribed.clear()
        socket.on("framesent", self._on_message)

    def _on_message(self, message: str | bytes) -> None:
        told = json.loads(message)
        if told["cmd"] == "subscribe":
            self.subscribed.append(told["routing_key"])

    # ── looking ──

    def go(self, path: str) -> None:
        self.page.goto(path)
        self.page.wait_for_load_state("networkidle")

    def at(self, selector: str, text: str | None = None) -> Locator:
        """The first such element that is to be seen."""
        return self.page.locator(selector, has_text=text).filter(visible=True).first

    def sees(self, selector: str, text: str) -> None:
        expect(self.at(selector, text)).to_be_visible(timeout=PATIENCE)

    def misses(self, selector: str, text: str | None = None) -> None:
        seen = self.page.locator(selector, has_text=text).filter(visible=True)
        expect(seen).to_have_count(0, timeout=PATIENCE)

    def shows(self, selector: str) -> None:
        """Pictures that are fetched, so that nobody takes them away meanwhile."""
        fetched = "place => { const found = [...document.querySelectorAll(place)];"
        fetched += " return found.length && found.every(one => one.complete && one.naturalWidth) }"
        self.page.wait_for_function(fetched, arg=selector)

    def listens(self, keys: str) -> None:
        """Until then, what others do is not shown to who is already looking."""
        ends = time.monotonic() + PATIENCE / 1000
        while not any(re.search(keys, key) for key in self.subscribed):
            assert time.monotonic() < ends, f"no subscription to {keys}: {self.subscribed}"
            self.page.wait_for_timeout(50)

    def arrives(self, path: str) -> None:
        self.page.wait_for_url(re.compile(path))
        self.page.wait_for_load_state("networkidle")

    # ── doing ──

    @contextmanager
    def sends(self, method: str, path: str) -> Iterator[None]:
        """What is done inside makes the front send that request, and the server answers it."""
        with self.page.expect_response(
            lambda response: response.request.method == method and re.search(path, response.url) is not None
        ) as answered:
            yield
        assert answered.value.status < 400, answered.value.text()
        self.page.wait_for_load_state("networkidle")

    def click(self, selector: str, text: str | None = None) -> None:
        self.at(selector, text).click()

    def follow(self, selector: str, text: str) -> None:
        """A link whose address the front makes up when the mouse comes over it."""
        link = self.at(selector, text)
        link.hover()
        expect(link).to_have_attribute("href", re.compile("/"), timeout=PATIENCE)
        link.click()

    def fill(self, selector: str, text: str) -> None:
        self.at(selector).fill(text)
        self.page.wait_for_timeout(TELLING)

    def fill_in_box(self, selector: str, text: str) -> None:
        self.in_box(selector).first.fill(text)
        self.page.wait_for_timeout(TELLING)

    def in_box(self, selector: str, text: str | None = None) -> Locator:
        """In the box that lies over the page; it slides in, so it is waited for until it stands still."""
        return self.page.locator(".lightbox.open").last.locator(selector, has_text=text)

    def switch(self, selector: str) -> None:
        """A box to tick, which nobody sees: a switch is drawn around it."""
        self.page.locator(selector).locator("xpath=..").filter(visible=True).first.click()

    def upload(self, selector: str, file: Path) -> None:
        self.page.locator(selector).first.set_input_files(file)

    def confirm(self) -> None:
        self.in_box("button", "").filter(has_text=re.compile("accept|delete|leave", re.IGNORECASE)).last.click()

    def hover_and_click(self, row: Locator, selector: str) -> None:
        row.hover()
        row.locator(selector).first.click()

    def write(self, scope: str, text: str) -> None:
        """Into an editor of rich text, and save it."""
        self.click(f"{scope} .ck-content, {scope} .wysiwyg")  # a text that is read becomes the editor
        editor = self.at(f"{scope} .ck-content")
        editor.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)
        expect(editor).to_contain_text(text)
        self.page.wait_for_timeout(TELLING)
        self.click(f"{scope} .tools.visible a")

    def drag(self, source: str, target: str, above: int = 0) -> None:
        """By the mouse, in small steps, as the front's boards want it; `above` the middle of the target by so much."""
        start, end = self.at(source), self.at(target)
        for place in (end, start):
            place.click(trial=True)  # waits until it stands still and no message lies over it
        held, over = start.bounding_box(), end.bounding_box()
        assert held is not None
        assert over is not None
        mouse = self.page.mouse
        x, y = held["x"] + held["width"] / 2, held["y"] + held["height"] / 2
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + 8, y + 8, steps=4)
        mouse.move(over["x"] + over["width"] / 2, over["y"] + over["height"] / 2 - above, steps=20)
        self.page.wait_for_timeout(400)  # the board draws where it would land
        mouse.up()

    def close(self) -> None:
        self.context.close()


Visit = Callable[..., Visitor]
"""Opens a browser for a person, or for nobody."""
