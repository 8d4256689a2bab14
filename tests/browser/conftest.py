"""One Chromium for all tests of the pages, and for each test a client of its own."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.harness import PHONE, a_client, start_chromium

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture
def look():
    """How `page` is looked at; a test that is parametrized by `look` tells otherwise."""
    return PHONE


@pytest.fixture
def come(chromium):
    """Call it, with a look or without, for one more client."""
    with ExitStack() as stack:
        yield lambda look=PHONE: stack.enter_context(a_client(chromium, look))


@pytest.fixture
def client(come, look):
    return come(look)


@pytest.fixture
def page(client):
    return client.tab()
