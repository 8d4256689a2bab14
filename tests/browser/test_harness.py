"""What the tests of the pages rely on notices what it is there to notice."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.harness import (
    LOOKS,
    stays_here,
    violations,
)
from tests.browser.household import RunningKioskWithPages
from tests.service.running import RunningKiosk

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'"

SOUND = """
<h1>Exercises</h1>
<a href="/">Now: "live"</a>
<form><label>Name <input name="name"></label><button>Save</button></form>
"""

STYLE = """
body { color: #111; background: #fff; }
a, summary { color: inherit; display: block; padding: 9px; }
input, button { min-width: 30px; min-height: 30px; }
.pale { color: #777; background: #888; }
.small { min-width: 0; min-height: 0; width: 10px; height: 10px; padding: 0; border: 0; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111; } }
"""

PAGES = {
    "/": SOUND,
    "/faulty": '<h1>Exercises</h1><img src="/icon"><p class="pale">Hardly to be seen</p>',
    "/small": "<h1>Exercises</h1>" + '<button class="small">a</button>' * 2,
    "/throws": '<h1>Exercises</h1><script src="/throw.js"></script>',
    "/inline": "<h1>Exercises</h1><script>document.title = 'changed'</script>",
    "/elsewhere": '<h1>Exercises</h1><img alt="" src="http://192.0.2.1/far.png">',
}
FILES = {
    "/throw.js": ("text/javascript", "throw new Error('on purpose')"),
    "/icon": ("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "/style.css": ("text/css", STYLE),
}
AROUND = (
    '<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="/icon">'
    '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css">'
    "</head><body><main>{}</main></body></html>"
)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        kind, text = FILES.get(self.path, ("text/html; charset=utf-8", None))
        if text is None and self.path in PAGES:
            text = AROUND.format(PAGES[self.path])
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write((text or AROUND.format("<h1>No such page</h1>")).encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_sound_page_is_found_sound_at_every_look(page, site, look):
    page.goto(site)
    assert violations(page) == []
    assert page.evaluate("[innerWidth, innerHeight]") == [look.width, look.height]
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert dark == (look.colours == "dark")


def test_each_fault_is_told_with_rule_element_and_advice_and_targets_too_small_to_hit(page, site):
    page.goto(f"{site}/faulty")
    pale, nameless = sorted(violations(page))
    assert pale.startswith("color-contrast: ")
    assert '| <p class="pale">Hardly to be seen</p> | Fix any' in pale
    assert nameless.startswith('image-alt: Images must have alternative text | <img src="/icon">')

    page.goto(f"{site}/small")
    assert [line.partition(":")[0] for line in violations(page)] == ["target-size"] * 2


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/throws", "thrown: on purpose"),
        ("/inline", "Content Security Policy"),
        ("/elsewhere", "elsewhere: http://192.0.2.1/far.png"),
        ("/nowhere", "404"),
    ],
)
def test_a_visitor_who_met_with_a_fault_does_not_leave_content(come, site, path, complaint):
    client = come()
    client.tab().goto(site + path)
    with pytest.raises(AssertionError, match=complaint):
        client.leave()


def test_a_complaint_that_was_expected_is_none_but_has_to_be_there(come, site):
    content, missing_one = come(), come()
    for client in (content, missing_one):
        client.tab().goto(f"{site}/nowhere")
        client.expect_complaint("404")
    missing_one.expect_complaint("500")
    content.leave()
    with pytest.raises(AssertionError, match="500"):
        missing_one.leave()


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8080/", True),
        ("http://[::1]:8080/", True),
        ("http://localhost/", True),
        ("http://kiosk.local:8080/", True),
        ("data:image/png,", True),
        ("http://192.168.1.2/", False),
        ("https://fonts.example/a.woff2", False),
        ("http://127.0.0.1.example/", False),
    ],
)
def test_what_stays_here(url, here):
    assert stays_here(url) == here


def test_the_address_and_the_codes_are_read_from_what_the_kiosk_tells():
    tells = (
        "print('INFO kiosk.cli: The pages are at http://127.0.0.1:5/', flush=True)\n"
        "for number in ('012345', '678901'): input(); print(f'The code is {number}.', flush=True)"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", tells], **pipes) as process:
        kiosk = RunningKioskWithPages(RunningKiosk(process))
        assert kiosk.at("/schedule") == "http://127.0.0.1:5/schedule"
        for code in ("012345", "678901"):
            kiosk.press()
            assert kiosk.code() == code
