"""The web front in a browser. Runs with `bin/test --front FOLDER`, a folder that holds the prebuilt front."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.front import site as sites
from tests.front.site import Person, Site
from tests.front.visitor import Visit, Visitor

FOLDER = "TAIGA_FRONT_TEST_DIR"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if not os.environ.get(FOLDER):
        pytest.skip("needs the prebuilt web front: bin/test --front FOLDER")
    with sites.running(os.environ[FOLDER], tmp_path_factory.mktemp("front")) as running:
        yield running


@pytest.fixture(scope="package")
def browser(site: Site) -> Iterator[Browser]:
    """The one that is installed, else the one that Playwright has fetched for itself."""
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def alice(site: Site) -> Person:
    return site.person("alice")


@pytest.fixture(scope="package")
def bob(site: Site) -> Person:
    return site.person("bob")


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Visit]:
    """Opens a browser for a person, or for nobody; in the end nothing may have gone wrong in any."""
    visitors: list[Visitor] = []

    def opened(person: Person | None = None) -> Visitor:
        visitors.append(Visitor(browser, site, person))
        return visitors[-1]

    yield opened
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        visitor.close()
    assert faults == []


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "picture.png"
    Image.new("RGB", (300, 200), (40, 160, 90)).save(file)
    return file
