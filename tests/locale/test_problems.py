"""The sentences of problems: each code has one, and it reads as it should.

Those about the keys of a program file are in `tests/programs/test_reading.py`.
"""

import ast
import re
import sys
from importlib.resources import files
from pathlib import Path

import polib
import pytest

from kiosk.errors import CodedError, ConflictError, KioskError, Phrase, PlanError, Problem
from kiosk.locale.catalogues import load_wording
from kiosk.locale.problems import error_text, line, sentence, text
from kiosk.settings.model import limits_of, setting_names
from tests.processes import output_of
from tests.programs.files import changed, problems_of
from tests.programs.test_reading import MISTAKES, SECONDS

KIOSK = Path(str(files("kiosk")))
PHRASES = {
    entry.msgid: entry.msgstr
    for entry in polib.pofile((KIOSK / "locale/en/LC_MESSAGES/problems.po").read_text())
}

SENTENCES = """
program.file-missing | There is no such file.
file.unreadable reason='Not a directory' | The file cannot be read: Not a directory.
program.file-name-impossible | This cannot be the name of a file.
program.not-a-file | This is not a file but a folder or a device.
program.file-too-large most=1000000
The file is too large for a program; 1,000,000 bytes are the most.
program.not-utf8 | The file is not UTF-8 text. Save it with the encoding UTF-8.
program.line-too-long most=5000 | The line is too long; 5,000 characters are the most.
file.not-toml reason='Invalid value' | The file is not valid TOML: Invalid value.
program.nested-too-deeply | Lists or tables are nested too deeply.
program.number-too-long | A number in the file is too long to be read.
program.file-name-differs name='ours.toml'
The file's name and the id differ. Rename the file to ours.toml, or change the id.
program.unknown program='onwards' | There is no program 'onwards'.
program.level-order level=2, other='onward', level_of_other=1
This program has level 2 and 'onward' has level 1; previous has to be lower and next higher.
program.id-of-walk id='walk' | 'walk' stands for the daily walk. Choose another id.
program.too-large most=1000000 | The program is too large; 1,000,000 bytes are the most.
program.work-too-long hours=5.28, most=4
The repetitions of all exercises together take 5.3 hours; at most 4 hours fit into a session.
program.shipped | This program came with the kiosk, so it cannot be removed.
program.in-plan | The plan asks for this program. Take it out of the schedule first.
program.of-button
A press of the button starts this program. Choose another one in the settings first.
plan.full entries=50 | The plan has 50 entries, and cannot have more. Take one out of it first.
plan.field-unknown known=('days', 'times') | An entry has no such thing. It has: days, times.
plan.program-missing known=('back', 'walk') | A program is missing. Expected one of back, walk.
plan.program-unknown program='bakc', known=('back', 'walk')
There is no program 'bakc'. Expected one of back, walk.
plan.days-missing groups=('daily', 'weekend')
Days are missing. Expected days such as mon,wed,fri or mon-fri, or one of daily, weekend.
plan.day-unreadable text='xyz', groups=('daily',)
'xyz' is no day of the week. Expected days such as mon,wed,fri or mon-fri, or one of daily.
plan.times-missing | A time of day is missing. Expected times such as 08:00,13:30.
plan.times-too-many n=13, most=12 | 13 times a day are too many; at most 12 are possible.
plan.time-unreadable text='noon'
'noon' is no time of day. Expected one from 00:00 to 23:59, such as 13:30.
plan.time-twice time='08:00' | 08:00 is there more than once.
plan.start-missing | Expected a date as year-month-day, such as 2026-07-01.
plan.start-unreadable text='soon'
Expected a date as year-month-day, such as 2026-07-01, not 'soon'.
plan.start-year year=1026, first=2000, last=2099
The year 1026 is out of reach; courses start from 2000 to 2099.
plan.start-month date='2026-00-10' | 2026-00-10 is no date: months go from 01 to 12.
plan.start-day date='2026-02-29', last=28 | 2026-02-29 is no date: that month has the days 01 to 28.
plan.today-unknown | The clock is not set yet, so today is not known; name the first day.
plan.weeks-unreadable most=104, text='0'
Expected a whole number of weeks from 1 to 104, or none for a plan without an end, not '0'.
dose.other-program dosed='other', program='a-program'
The dose is of the program 'other', not of 'a-program'.
dose.exercise-unknown program='a-program', exercise='brigde'
The program a-program has no exercise 'brigde'.
dose.sets-impossible value=0, low=1, high=20 | 0 sets are not possible; expected 1 to 20.
dose.reps-impossible value=101, low=1, high=100
101 repetitions are not possible; expected 1 to 100.
dose.hold-impossible seconds=400.0, low=0.5, high=300.0
A hold of 400 seconds is not possible; expected 0.5 to 300 seconds.
dose.no-hold | This exercise has no hold that could be changed.
dose.pass-too-short seconds=1.9, least=2.0
A repetition would take 1.9 seconds; at least 2 seconds are needed to count along.
dose.session-too-long hours=5.04, most=4
The session would take 5.0 hours; at most 4 hours fit into one.
dose.sets-outside-cited value=3, low=1, high=2
3 sets: this lies outside the range that the exercise's source gives, 1 to 2.
dose.reps-outside-cited value=5, low=8, high=12
5 repetitions: this lies outside the range that the exercise's source gives, 8 to 12.
dose.hold-outside-cited seconds=2.0, low=3.0, high=5.0
A hold of 2 seconds: this lies outside the range that the exercise's source gives, 3 to 5 seconds.
dose.pass-outside-cited seconds=9.0, low=6.5, high=8.0
A repetition of 9 seconds with this hold: this lies outside the range that the exercise's source \
gives, 6.5 to 8 seconds.
level.nothing-easier program='low-back-start'
There is nothing easier than low-back-start to change to.
setting.unknown | There is no such setting.
setting.wrong expected='printable text', found='"fast"' | Expected printable text, not "fast".
setting.pin-of-button pin=4 | Pin 4 is the button's; give the light another.
setting.time-unreadable text='"9 pm"' | Expected a time of day such as 21:30, not "9 pm".
setting.quiet-one-end | Quiet hours need both ends: when they begin and when they end.
setting.no-host text='"a b"' | Expected a host's name or address, without a port, not "a b".
setting.not-one-host | Expected one address, such as 0.0.0.0 or 127.0.0.1.
setting.fixed by='--rate' | This is set by --rate, and cannot be changed here.
setting.of-start | This is set in kiosk.toml, and counts from the kiosk's next start.
setting.program-unusable
The file of this program has mistakes. Mend it, or choose another program.
setting.rate-outside low=120, high=200, rate=300 | Expected 120 to 200 words a minute, not 300.
zone.unknown name='Oslo/Europe'
There is no time zone 'Oslo/Europe'. Expected a name like Europe/Oslo or UTC (`timedatectl \
list-timezones` lists all), or nothing for the system's.
zone.none | There are no time zones: install the package `tzdata`.
settings.not-plain | The file is not a plain file.
settings.too-large most=64 | The file is larger than 64 kB; is it the right one?
settings.line-too-long line=2, most=1000
The file has a line that is too long (line 2); 1,000 bytes are the most.
settings.not-utf8 byte=10 | The file is not UTF-8 text (see byte 10); save it as UTF-8.
settings.nested-too-deeply | The file is nested too deeply; a setting is `name = value`.
state.is-file | The state directory is a file. Choose another with --state-dir or KIOSK_STATE_DIR.
state.not-made reason='Permission denied'
The state directory cannot be made (Permission denied). Choose another with --state-dir or \
KIOSK_STATE_DIR, or change the rights of the one above it.
expected.whole-of-unit low=0, high=100, unit='percent' | a whole number from 0 to 100 (percent)
expected.printable | printable text
expected.or one='a', other='none' | a or none
found.many-digits | a number of many digits
found.any-list | a list
program.unknown-of program='x', known=('back', 'walk')
There is no program 'x'. There is: back, walk.
program.unknown-near program='bakc', known=('back', 'bridge'), near='back'
There is no program 'bakc'. There is: back, bridge. Did you mean back?
program.not-own program='back' | There is no program 'back' of your own that could be removed.
program.id-taken program='back'
There is a program 'back' already. Choose another id, or change that one.
program.removed-meanwhile program='back' | Somebody has removed the program 'back' meanwhile.
program.changed-meanwhile program='back'
The program 'back' was changed by somebody else meanwhile. Look at it again, then change it.
plan.no-entry number=2 | The plan has no entry 2.
plan.no-entry-list number=2 | The plan has no entry 2. `kiosk plan list` shows what it has.
plan.never-had-entry number=2 | The plan never had an entry 2.
plan.entry-there number=2 | Entry 2 is in the plan. Look at it again, then change it.
plan.changed-before-change number=2
Entry 2 of the plan has changed meanwhile. Look at it again, then change it.
plan.changed-before-removal number=2
Entry 2 of the plan has changed meanwhile. Look at it again, then remove it.
level.step-gone program='back' | No step is proposed for back any more.
level.step-other program='back' | Another step is proposed for back by now; look at it first.
auth.code-wrong left=3 | That is not the code the kiosk said. 3 tries are left.
auth.passphrase-too-long most=200 | That is too long. Take at most 200 characters.
auth.passphrase-too-short least=8
That is too short. Take at least 8 characters; three or four words make a good passphrase.
auth.too-many-wrong duration='9 minutes'
There were too many wrong passphrases of late. Try again in 9 minutes. Whoever has forgotten it \
holds the button on the kiosk down for ten seconds: the code that it then says lets them choose \
another.
auth.wait-minutes n=9 | 9 minutes
auth.wait-second n=1 | 1 second
auth.wait-seconds n=2 | 2 seconds
auth.no-code
There is no code that counts now: one lasts ten minutes, and five tries from a device. Have the \
kiosk say another.
auth.grant-over
It is more than half an hour since the code was typed, or another was typed since. Have the kiosk \
say a new code.
auth.code-used-up
That was wrong too often, so the code counts no more. Have the kiosk say another.
auth.code-wrong-one-left | That is not the code the kiosk said. One try is left.
auth.passphrase-easy
That is one of the first that others would try. Take three or four words that do not belong \
together.
auth.passphrase-wrong | That is not the passphrase.
auth.busy | Several people are signing in at this moment. Try again in a few seconds.
auth.set-up-already
The kiosk is set up already. To choose another passphrase, hold its button down for ten seconds.
auth.signed-out | You are not signed in any more. Sign in again.
plan.undo-over
This cannot be taken back any more: it was too long ago, or somebody has taken it back already.
plan.entry-gone | Somebody has taken this entry out of the plan since.
dose.changed-meanwhile | Somebody else has changed these doses meanwhile; nothing was overwritten.
setting.changed-meanwhile | Somebody else has changed this meanwhile; nothing was overwritten.
backup.busy | Another backup is being looked over. Try again in a moment.
backup.session | A session is going on. Restore the backup when it is over; nothing was changed.
"""
"""A code with values and, after a bar or a new line, the sentence that they make."""

PLACE_OF_CODE = {error.__name__: 0 for error in CodedError.__subclasses__()} | {"Problem": 2}
LINES = re.split(r" \| |\n", SENTENCES.strip())
UNITS = sorted({within.unit for within in map(limits_of, setting_names()) if within})
CASES = dict(zip(LINES[::2], LINES[1::2], strict=True)) | {f"unit.{unit}": unit for unit in UNITS}


def codes_in(problem: Problem | Phrase) -> set[str]:
    """The code and those of the phrases within."""
    found = {problem.code}
    for value in problem.values.values():
        for part in value if isinstance(value, tuple) else (value,):
            found |= codes_in(part) if isinstance(part, Phrase) else set()
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_problem_reads_as_a_sentence(case):
    code, _, values = (case, "", "") if case in PHRASES else case.partition(" ")
    call = ast.parse(f"dict({values})", mode="eval").body
    given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert sentence(Problem("file", "", code, given)) == CASES[case]


def test_each_sentence_of_the_catalogue_is_asserted_somewhere():
    seen = {case if case in PHRASES else case.split(" ")[0] for case in CASES}
    texts = [changed(old, new) for old, new, *_ in MISTAKES.values()]
    texts += [changed("seconds = 3.5", f"seconds = {value}") for value in SECONDS]
    for problem in (problem for content in texts for problem in problems_of(content)):
        seen |= codes_in(problem)
    assert PHRASES.keys() - seen == {"text", "problem.suggestion", "problem.in-exercise"}


def test_each_code_has_a_sentence_and_each_sentence_a_code():
    nodes = [node for path in KIOSK.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    used = {node.value for node in nodes if isinstance(node, ast.Constant)}
    names = ("sets", "reps")  # f"dose.{name}-impossible" and f"dose.{name}-outside-cited"
    used |= {f"dose.{name}-{what}" for name in names for what in ("impossible", "outside-cited")}
    used |= {f"unit.{unit}" for unit in UNITS}
    used |= {f"expected.text.{pattern}" for pattern in ("slug", "language", "line")}
    assert used >= PHRASES.keys() - {"text"}
    for node in nodes:
        made = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if made in PLACE_OF_CODE:
            code = node.args[PLACE_OF_CODE[made]]
            assert not isinstance(code, ast.JoinedStr), ast.unparse(node)
            assert not isinstance(code, ast.Constant) or code.value in PHRASES, ast.unparse(node)


def test_a_line_has_the_place_and_what_was_meant():
    problem = Problem(
        "a.toml", "exercise[0].repz", "program.key-unknown", {"known": ("id", "reps")}
    )
    assert line(problem) == (
        "a.toml: exercise[0].repz: There is no such key here. Keys here are: id, reps."
    )
    meant = Problem("plan", "", "program.of-button", {"in_exercise": "bridge"}, "reps")
    assert line(meant, source=False).endswith("(In the exercise 'bridge'.) Did you mean reps?")
    assert text(meant).endswith("in the settings first. Did you mean reps?")


def test_texts_of_others_are_quoted_short_and_visibly():
    assert len(sentence(Problem("plan", "", "plan.start-unreadable", {"text": "x" * 5000}))) < 150
    strange = Problem("plan", "", "plan.time-unreadable", {"text": "\x1b[31m{text}"})
    assert sentence(strange).startswith(r"'\x1b[31m{text}' is no time of day.")


def test_an_error_says_all_its_problems_and_its_text_for_logs_has_no_language():
    problems = [
        Problem("plan", "times", "plan.times-missing"),
        Problem.plain("a", "", "It is odd."),
    ]
    error = PlanError(problems)
    assert error_text(error).splitlines() == [line(problem) for problem in problems]
    assert str(error) == "plan: times: plan.times-missing ()\na: It is odd."
    assert error_text(KioskError("Nothing works.")) == "Nothing works."
    assert error_text(ConflictError("level.step-gone", program="x")).startswith("No step is")


def test_the_pages_wording_has_the_sentences_too():
    problem = Problem("plan", "times", "plan.times-missing")
    assert text(problem, load_wording("en", pages=True)) == text(problem)


def test_a_command_without_a_problem_does_not_load_the_catalogues(tmp_path):
    program = (
        "import sys; from kiosk.cli.main import main; main(sys.argv[1:]); "
        "assert not {'polib', 'kiosk.locale.catalogues'} & sys.modules.keys()"
    )
    output_of(sys.executable, "-c", program, "programs", "--state-dir", tmp_path)
