"""Whatever is typed, sent or handed in at the pages of a whole kiosk on its own files, a person
gets an answer to read, and the kiosk starts again afterwards.
"""

import itertools
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.fuzz.backup_kit import spoilt_backups
from tests.fuzz.profile import tried
from tests.fuzz.toml_kit import spoilt_bytes
from tests.kiosk import PASSPHRASE, Route, routes_of
from tests.programs.files import GOOD
from tests.store.kit import MEMORY
from tests.web.fuzz_kit import Form, FormsKit, filled_in, values
from tests.web.test_fuzz import ASKED, HEADERS, SENT_OTHERWISE, is_fine

NOT_ASKED = frozenset({"now.events", "programs.preview", "settings.sample", "static"})
"""What never ends, renders a whole session, or is always the same."""

RESTORE = "/settings/restore"

seconds = st.sampled_from((0.0, 1.0, 90.0, 3600.0, 40 * 86400.0))


class Model:
    """A filled kiosk from which others are copied, with the forms of its pages and a backup."""

    def __init__(self, folder: Path) -> None:
        self.state, self.clips = folder / "state", folder / "clips"
        with closing(FormsKit(self.state, on_files=True, clips=self.clips)) as kiosk:
            kiosk.filled()
            kiosk.browser.sign_in()
            kiosk.read_forms()
            self.forms, self.cookie, self.token = kiosk.forms, kiosk.cookie, kiosk.token
            with kiosk.services.backups.make() as made:
                self.backup = made.read_bytes()

    @contextmanager
    def copied(self, folder: Path) -> Iterator[None]:
        """A copy of its files, in `folder`, which is there as long."""
        shutil.copytree(self.state, folder)
        try:
            yield
        finally:
            shutil.rmtree(folder)

    @contextmanager
    def opened(self, folder: Path) -> Iterator[FormsKit]:
        """The kiosk of such a copy, started (anew), with a browser that is signed in."""
        with closing(FormsKit(folder, on_files=True, clips=self.clips)) as kiosk:
            kiosk.forms, kiosk.token = self.forms, self.token
            with kiosk.client.session_transaction() as session:
                session.update(self.cookie)
            yield kiosk


@pytest.fixture(scope="module")
def root():
    """A folder that needs no disk, as each household is copied and thrown away."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def model(root):
    return Model(root / "model")


@pytest.fixture(scope="module")
def folders(root):
    """A new folder's name for each household."""
    return (root / str(number) for number in itertools.count())


def is_an_answer(response, what: object) -> None:
    """A page, a file or another address; what is refused is told in words."""
    assert response.status_code < 500, (what, response.status_code, response.get_data()[-2000:])
    if response.mimetype in ("text/html", "application/json") or response.status_code == 303:
        is_fine(response, what)
    if response.mimetype == "text/html" and 400 <= response.status_code < 500:
        shown = response.text.partition("<main")[2].partition("</main>")[0]
        told = re.sub(r"<[^>]*>", "", f"<main{shown}").strip()
        assert len(told) > 20, (what, response.status_code)


def pages_of(kiosk: FormsKit) -> list[Route]:
    """What may be looked at, each for itself."""
    there = routes_of(kiosk.browser.app)
    return [one for one in there if one.method == "GET" and one.endpoint not in NOT_ASKED]


def is_answered(kiosk: FormsKit, route: Route) -> None:
    is_an_answer(kiosk.browser.get(route.path, buffered=True), route)


def handed_in(draw, form: Form, sent, files):
    """A program to be taken in is mostly nearly right, as are the words that go with a backup."""
    if form.takes_files and form.action != RESTORE and draw(st.booleans()):
        name = next(field.name for field in form.fields if field.kind == "file")
        files = [(name, "own.toml", draw(spoilt_bytes(GOOD.encode())))]
    return sent, files


@given(data=st.data())
@tried(12)
def test_whatever_is_sent_one_after_another_is_answered(model, folders, data):
    folder = next(folders)
    with model.copied(folder), model.opened(folder) as kiosk:
        every = [*model.forms, *SENT_OTHERWISE.values()]
        for form in data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=6)):
            sent, files = handed_in(data.draw, form, *data.draw(filled_in(form)))
            response = kiosk.send(form, sent, files)
            event(f"{response.status_code // 100}xx")
            is_an_answer(response, (form.action, sent))
            if response.status_code == 303:
                shown = kiosk.browser.get(response.headers["Location"], buffered=True)
                is_an_answer(shown, (form.action, response.headers["Location"]))
            kiosk.clock.advance(data.draw(seconds))
            kiosk.settle()
        for route in data.draw(st.lists(st.sampled_from(pages_of(kiosk)), max_size=2)):
            is_answered(kiosk, route)


@given(data=st.data())
@tried(12)
def test_whatever_backup_is_handed_in_the_kiosk_starts_again(model, folders, data):
    folder = next(folders)
    backup = data.draw(spoilt_backups(model.backup))
    right = [("sure", b"yes"), ("passphrase", PASSPHRASE.encode())]
    form = next(form for form in model.forms if form.action == RESTORE)
    with model.copied(folder):
        with model.opened(folder) as kiosk:
            response = kiosk.send(form, right, [("backup", "kept.kiosk", backup)])
            is_an_answer(response, RESTORE)
            assert bool(kiosk.restarts) is (response.status_code == 200)
        event("taken" if kiosk.restarts else "refused")
        if kiosk.restarts:
            starts_again(model, folder)


def starts_again(model: Model, folder: Path) -> None:
    """With whatever was handed in: all of its pages are there, for who may see them."""
    with model.opened(folder) as kiosk:
        kiosk.settle()
        for route in pages_of(kiosk):
            is_answered(kiosk, route)


@given(data=st.data())
@tried(40)
def test_whatever_an_address_is_asked_with_is_answered(unchanged, data):
    route = data.draw(st.sampled_from(pages_of(unchanged)))
    path = route.path
    if route.has_text_blanks and data.draw(st.booleans()):
        path = route.with_each_blank(quote_plus(data.draw(values))[:300])
    asked = data.draw(st.lists(st.tuples(st.sampled_from(ASKED), values), max_size=4))
    query = "&".join(f"{name}={quote_plus(value)}" for name, value in asked)
    headers = data.draw(st.sampled_from(HEADERS))
    response = unchanged.client.get(f"{path}?{query}"[:8000], headers=headers, buffered=True)
    is_an_answer(response, (path, query, headers))


@pytest.fixture(scope="module")
def unchanged(model, folders):
    """A household in which nothing is changed."""
    folder = next(folders)
    with model.copied(folder), model.opened(folder) as kiosk:
        yield kiosk
