"""The judge of the lessons' exercises: what it says, and that nothing makes it raise."""

import linecache
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kmeans_teach.lessons import checks
from kmeans_teach.lessons import exercise as judge
from kmeans_teach.lessons.checks import Result, check
from kmeans_teach.lessons.exercise import challenge, exercise, sentences

BIG = (np.array([2.0, 1.0, 4.0]), np.array([0.5, 7.0, -1.0]))
SMALL = (np.array([1.0, 2.0]), np.array([4.0, 6.0]))


@exercise([BIG, SMALL], returns="one number: the distance", praise="This is Pythagoras' theorem.")
def distance(a, b):
    """The straight line between two points."""
    return np.sqrt(((a - b) ** 2).sum())


@distance.wrong
def forgot_root(a, b):
    """This is the squared distance: for (0, 0) and (3, 4) it gives 25, not 5.
    The square of a length is an area; read off a map, these
    points are 5 apart.
    Hint: one operation is left to do, after the sum."""
    yield ((a - b) ** 2).sum()
    yield [((a - b) ** 2).sum()]


@distance.wrong
def fails_in_the_plane(a, b):
    """There is an error for two columns.
    Hint: leave out what is done with the third one."""
    yield lambda: (a - b)[2]


@distance.wrong
def uneven(a, b):
    """This generator has its second style on one case only.
    Hint: none."""
    yield (a + b).sum()
    if len(a) == 3:
        yield (a * b).sum()


distance.then([(np.array([5.0]), np.array([2.0]))])


@distance.wrong
def one_column_forgotten(a, b):
    """All is right until there is one column.
    Hint: what is the largest index?"""
    yield 0


@exercise([BIG], returns="labels, whole numbers from 0", praise="Yes.")
def signs(a, b):
    """1 where a is larger than b."""
    return (a > b).astype(int)


@exercise([BIG], returns="a pair", praise="Yes.")
def both(a, b):
    """Sum and difference."""
    return a + b, a - b


@exercise(returns="one number between 0 and 1", praise="A quarter.", tolerance=0.01)
def share():
    """The share."""
    return 0.25


@share.wrong
def the_rest():
    """This is the share of the others.
    Hint: subtract it from 1."""
    yield 0.75


@exercise([(np.array([1, 1, 2]),)], returns="labels", praise="Yes.")
def groups(x):
    """One less."""
    return x - 1


@exercise([(1.0,)], returns="not a number", praise="Yes.")
def undefined(x):
    """Nothing."""
    return np.nan * x


@challenge
def two_numbers(a, b):
    """Two numbers with the sum 10."""
    if a + b == 10:
        return a + b == 10, "unused", "Yes.", "That is 10."
    return np.False_, "other-sum", f"The sum is {a + b}."


def right(a, b):
    return np.sqrt(((a - b) ** 2).sum())


# what is said: (exercise, what is passed in, its slug, its first line or a part of it)


def set_shape(a, b):
    b.resize((len(a), 1))
    return right(a, b[:, 0])


def set_nan(a, b):
    b[0] = np.nan
    return 5


def forgot_return(a, b):
    right(a, b)


def not_implemented(a, b):
    raise NotImplementedError


def divides(a, b):
    np.divide(np.ones(2), np.zeros(2))
    return right(a, b)


class Bad(BaseException):
    """An exception that is no Exception, and cannot be shown."""

    def __str__(self):
        raise Bad

    __repr__ = __str__


class Pair(tuple):
    """A tuple that cannot be walked."""

    def __iter__(self):
        raise Bad

    __len__ = __getitem__ = __bool__ = __iter__


def raiser(error):
    def function(a, b):
        raise error

    return function


def returning(make):
    """Return ``make(the right result)``."""
    return lambda a, b: make(right(a, b))


TRY_AGAIN = "does it end on return?"
PASSES = None
SQUARED = "This is the squared distance: for (0, 0) and (3, 4) it gives 25, not 5."
UNSHOWN = "Your function returns a result of type "
TOLD = [
    (distance, right, PASSES, distance.praise),
    (distance, returning(float), PASSES, ""),
    (distance, returning(lambda d: d * (1 + 1e-9)), PASSES, ""),
    (distance, returning(lambda d: d * (1 + 1e-6)), "other", ""),
    (distance, divides, PASSES, ""),
    (both, lambda a, b: (a + b, a - b), PASSES, ""),
    (undefined, lambda x: np.nan, PASSES, ""),
    (share, 0.25, PASSES, "A quarter."),
    (share, np.float32(0.259), PASSES, ""),
    # a misconception: in each of its styles, told from the cases of its stage alone
    (distance, returning(lambda d: d**2), "forgot-root", SQUARED),
    (distance, returning(lambda d: [d**2]), "forgot-root", SQUARED),
    (distance, lambda a, b: (a - b)[2], "fails-in-the-plane", ""),
    (distance, lambda a, b: 1 / 0, "raises", ""),
    (distance, lambda a, b: "five" if len(a) == 2 else (a - b)[2], "wrong-shape", ""),
    (distance, lambda a, b: right(a, b) if len(a) > 1 else 0, "one-column-forgotten", ""),
    (distance, lambda a, b: 0, "other", ""),
    (distance, lambda a, b: (a + b).sum(), "uneven", ""),
    (distance, lambda a, b: (a * b).sum(), "other", ""),  # its style is missing on a case
    (share, 0.755, "the-rest", "This is the share of the others."),
    # the smallest case that fails
    (distance, lambda a, b: 7.5, "other", "For a = [1, 2], b = [4, 6]"),
    (distance, lambda a, b: 5 if len(a) == 2 else np.nan, "other", "For a = [2, 1, 4], b = [0.5, "),
    # nothing was written
    (distance, lambda a, b: ..., "", TRY_AGAIN),
    (distance, forgot_return, "", TRY_AGAIN),
    (distance, not_implemented, "", TRY_AGAIN),
    *(
        (what, nothing, "", "")
        for what in (distance, share, two_numbers)
        for nothing in (None, ...)
    ),
    (two_numbers, ..., "", "Call it as check.two_numbers(a, b)."),
    # it is no function, or one of other arguments
    (distance, right(*SMALL), "not-a-function", "This is not a function."),
    (distance, lambda a: 1, "cannot-be-called", "cannot be called as distance(a, b): TypeError: "),
    (distance, lambda: 1, "cannot-be-called", ""),
    (distance, [].append, "cannot-be-called", ""),
    (distance, "".join, "cannot-be-called", ""),
    # it prints, or changes what it is given
    (distance, returning(lambda d: print(d, "cm")), "prints", "prints its result (5.0 cm) and"),
    (distance, lambda a, b: print("x" * 99), "prints", f"({'x' * 60}) and"),
    (distance, set_shape, "changes-input", "Your function changes b in place"),
    (distance, set_nan, "changes-input", "Your function changes b in place"),
    # it raises: its words, as far as they can be shown
    (distance, raiser(Bad()), "raises", "Your function raises an exception that cannot be shown."),
    (distance, raiser(SystemExit(3)), "raises", "Your function raises SystemExit: 3"),
    # the result is of another kind
    (
        *(distance, returning(lambda d: np.array([[d]])), "wrong-shape"),
        "returns an array of shape (1, 1), not one number, but the numbers are right.",
    ),
    (distance, lambda a, b: a, "wrong-shape", "an array of shape (2,), not one number."),
    (both, lambda a, b: np.array([a + b, a - b]), "wrong-shape", "the numbers are right."),
    (both, lambda a, b: (a - b, a + b), "other", ""),
    (distance, lambda a, b: Pair((1, 2)), "wrong-shape", UNSHOWN),
    (distance, returning(str), "wrong-shape", UNSHOWN),
    (distance, returning(complex), "wrong-shape", UNSHOWN),
    (distance, returning(lambda d: np.broadcast_to(d, (10**4, 10**4))), "wrong-shape", UNSHOWN),
    (signs, lambda a, b: [1, 0, 1], "returns-list", ""),
    (signs, lambda a, b: [0, 0, 1], "other", ""),
    (signs, lambda a, b: (a > b) * 1.0, "labels-not-whole", ""),
    (both, lambda a, b: ((a + b).tolist(), a - b), "returns-list", ""),
    (share, 0.27, "not-the-answer", "Your answer, 0.27, is not right yet."),
    (share, "a quarter", "not-the-answer", ""),
]


@pytest.mark.parametrize(("what", "given", "slug", "line"), TOLD)
def test_what_is_said(what, given, slug, line):
    result = what(given)
    assert result.passed is (True if slug is PASSES else None if slug == "" else False), result
    assert result.misconception == (slug or None)
    assert line in result.lines[0]


def test_the_lines_of_a_sentence():
    assert distance(returning(lambda d: d**2)).lines == (
        SQUARED,
        "The square of a length is an area; read off a map, these points are 5 apart.",
        "Hint: one operation is left to do, after the sum.",
    )
    assert distance(lambda a, b: 7.5).lines[1] == "your function returns 7.5, expected 5."
    assert distance(set_nan).lines[-1] == "Hint: work on a copy, for example b.copy()."
    assert share(0.27).lines[1] == "Hint: give one number between 0 and 1."
    assert share(0.25, 2).misconception == "not-the-answer"
    assert "0.25" not in repr(share("a quarter"))
    assert {what().passed for what in (distance, share, two_numbers)} == {None}


def test_challenge_says_what_its_judge_says(monkeypatch):
    assert two_numbers(4, 6) == Result("two_numbers(a, b)", True, None, ("Yes.", "That is 10."))
    assert two_numbers(1, 2) == Result("two_numbers(a, b)", False, "other-sum", ("The sum is 3.",))
    assert two_numbers(1).misconception == "cannot-be-checked"
    assert two_numbers("a", 1).misconception == "cannot-be-checked"
    monkeypatch.setattr(judge, "LIMIT", 0.3)  # it has more time
    assert challenge(lambda x: time.sleep(0.4) or (True, "", "Done."))(1).passed


def test_what_a_function_prints_stays_visible(capsys):
    def talks(a, b):
        print("columns:", len(a))
        return right(a, b)

    assert distance(talks).passed
    assert capsys.readouterr().out == "columns: 2\ncolumns: 3\ncolumns: 1\n"
    distance(lambda a, b: print("x" * 10_000))
    assert len(capsys.readouterr().out) == 2000


# the reader's own line


def of_cell(name, source, **space):
    """Run a source as a notebook does, which keeps the lines of every cell."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    space["np"] = np
    exec(compile(source, name, "exec"), space)
    return space


DEEPER = """def deeper(a):
    return np.dot(a, np.zeros(9))

def mine(a, b):
    return deeper(a)
"""
CELLS = {
    "line 3 of mine: return a.missing": "x = 1\ndef mine(a, b):\n    c = a\n    return a.missing\n",
    "line 2 of mine: return [p.x for p in a]": "def mine(a, b):\n    return [p.x for p in a]\n",
    "line 2 of deeper: return np.dot(a, np.zeros(9))": DEEPER,
    "line 1 of <lambda>: mine = lambda a, b: a.missing": "mine = lambda a, b: a.missing\n",
    # of another cell: the line that called it
    "line 2 of mine: return elsewhere(a)": "def mine(a, b):\n    return elsewhere(a)\n",
}


@pytest.mark.parametrize("line", CELLS)
def test_exception_is_told_with_the_readers_own_line(line):
    elsewhere = of_cell("<cell 1>", "def elsewhere(a):\n    return a.missing\n")["elsewhere"]
    result = distance(of_cell(f"<cell {line}>", CELLS[line], elsewhere=elsewhere)["mine"])
    assert result.misconception == "raises"
    assert result.lines[0].startswith(
        ("Your function raises AttributeError: 'n", "Your function raises ValueError: shapes")
    )
    assert result.lines[1] == f"It happens in {line}"
    assert result.lines[2] == "It was called with a = [1, 2], b = [4, 6]"


# nothing makes it raise


class Hostile:
    """It raises whatever is asked of it."""

    def __getattribute__(self, name):
        raise Bad

    def __eq__(self, other):
        raise Bad

    __hash__ = __repr__ = __str__ = __len__ = __array__ = __float__ = __bool__ = __iter__ = __eq__
    __deepcopy__ = __reduce_ex__ = __getattr__ = __call__ = __eq__


class Nameless(type):
    """A class without a name."""

    @property
    def __name__(cls):
        raise Bad


def recursion(a, b):
    return recursion(a, b)


def nested(a, b):
    pile = []
    for _ in range(100_000):
        pile = [pile]
    return pile


def generator(a, b):
    yield right(a, b)


async def coroutine(a, b):
    return right(a, b)


def closes_stdout(a, b):
    sys.stdout.close()
    return right(a, b)


def no_stdout(a, b):
    sys.stdout = None
    return right(a, b)


def holds_itself(a, b):
    pile = []
    pile.append(pile)
    return pile


def changes_all(a, b):
    for array in (a, b):
        array[:] = 0
        array.flags.writeable = False
    return right(a, b)


OBJECTS = np.empty(2, dtype=object)
OBJECTS[1] = Hostile()
RESULTS = [
    *(Hostile(), Nameless("Unnamed", (), {})(), Pair((1, 2)), Bad, Bad(), object(), print, np.sqrt),
    *("5.0", b"5", np.nan, None, {}, {"a": 5}, {5.0}, (), [], [[1], [1, 2]], [Hostile()]),
    *((None, 5), (5, Hostile()), range(10**12), np.broadcast_to(0.0, (10**6, 10**6)), OBJECTS),
    *(np.ma.masked, np.ma.array([1.0, 2.0], mask=[True, False]), np.zeros(2, dtype=[("x", float)])),
    *(np.array(["5.0"]), np.array("2026-11-25", dtype="datetime64[D]"), 5 + 3j, 10**400),
    *(pd.Series([1.0, 2.0]), pd.DataFrame({"a": ["x"]}), pd.NA, pd.Timestamp(0)),
]
FUNCTIONS = [
    *(raiser(error) for error in (Bad(), SystemExit(), SystemExit(3), GeneratorExit(), Bad)),
    *(raiser(error) for error in (KeyboardInterrupt(), StopIteration(), RecursionError(), 5)),
    raiser(Hostile()),
    *(recursion, nested, generator, coroutine, closes_stdout, no_stdout, holds_itself),
    *(changes_all, Hostile, Nameless("Unnamed", (), {}), Bad, int, type),
    *(lambda: 1, lambda *a: (a, a), lambda a, b: a.T),
    lambda a, b: exec("raise ValueError"),
]


def looked_at(result):
    """Look at a result as a notebook does."""
    assert type(result) is Result
    assert all(type(line) is str and line for line in result.lines)
    assert result.heading in repr(result)
    assert result._repr_html_().startswith("<div")
    assert result.misconception != "cannot-be-checked", "this is for what nobody thought of"
    return result.passed


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("number", range(len(RESULTS + FUNCTIONS)))
def test_nothing_makes_it_raise(number):
    value, out = (RESULTS + FUNCTIONS)[number], sys.stdout
    before = pickle.dumps(distance.stages[0][0])
    for what in (signs, both, groups, share):
        assert not looked_at(what(value))
        assert what is share or not looked_at(what(lambda *case: value))
    assert bool(looked_at(distance(value))) == (value is closes_stdout or value is no_stdout)
    for many in (1, 2, 3):
        result = two_numbers(*[value] * many)
        assert type(result) is Result
        assert not result.passed
    assert sys.stdout is out
    assert pickle.dumps(distance.stages[0][0]) == before


def test_fault_of_a_lesson_is_a_sentence():
    @exercise([(1,)], returns="one number", praise="Yes.")
    def broken(x):
        return x

    broken.wrong(lambda: 1)
    assert broken(lambda x: 2).misconception == "other"
    broken.tolerance = "none"
    assert broken(lambda x: 2).lines[0] == "This cannot be checked: it led to TypeError."


# a call that does not end


def endless(a, b):
    while True:
        pass


def catches(a, b):
    while True:
        try:
            a = a + 1
        except:  # noqa: E722
            a = 0


def prints_for_ever(a, b):
    while True:
        print(a)


def waits(a, b):
    time.sleep(1)


class Slow:
    """It never gives its numbers."""

    def __array__(self, *args, **kwargs):
        return endless(1, 1)


ENDLESS = [endless, catches, prints_for_ever, waits, lambda a, b: Slow()]


@pytest.mark.parametrize("function", ENDLESS, ids=["pass", "catches", "prints", "waits", "array"])
@pytest.mark.parametrize("aside", [False, True], ids=["main thread", "another thread"])
def test_function_that_never_returns_is_stopped(function, aside, monkeypatch):
    monkeypatch.setattr(judge, "LIMIT", 0.2)
    out, found, before = sys.stdout, [], set(threading.enumerate())
    thread = threading.Thread(target=lambda: found.append(distance(function)))
    if aside:
        thread.start()
        thread.join()
    else:
        thread.run()
    assert found[0].misconception == "never-returns"
    assert found[0].lines[0].startswith("There was no result after 0.2 seconds")
    assert sys.stdout is out
    ended(before)
    assert distance(right).passed


def ended(before):
    """Wait for the threads that were not there before; one that waits ends when it wakes."""
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
        assert not thread.is_alive()


def test_no_exception_comes_late(monkeypatch):
    """Calls that end about when they would be stopped leave nothing behind."""
    monkeypatch.setattr(judge, "LIMIT", 0.01)

    def about_as_long(a, b):
        end = time.perf_counter() + 0.01
        while time.perf_counter() < end:
            pass
        return right(a, b)

    found = {distance(about_as_long).misconception for _ in range(20)}
    assert found <= {None, "never-returns"}
    assert sum(range(100_000)) == 4_999_950_000


def test_value_and_challenge_that_never_end(monkeypatch):
    monkeypatch.setattr(judge, "LIMIT", 0.05)
    assert share(Slow()).misconception == "never-returns"
    assert challenge(endless)(1, 2).misconception == "never-returns"


def test_stop_button_reaches_the_reader(monkeypatch):
    def pressed(self, timeout=None):
        threading.Thread.join = join
        raise KeyboardInterrupt

    join = threading.Thread.join
    monkeypatch.setattr(threading.Thread, "join", pressed)
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        distance(endless)
    ended(before)


# the lessons


def test_lesson_is_loaded_when_its_check_is_asked_for():
    name, lesson = next(iter(checks._lessons().items()))
    code = f"""
import sys
from kmeans_teach import check
def loaded():
    return sorted(name[-9:] for name in sys.modules if ".lessons.lesson_" in name)
assert "{name}" in dir(check) and "{name}" in repr(check) and "assign" in dir(check)
check.answer
print(loaded())
check.{name}
print(loaded())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", f"['{lesson}']"]


def test_unknown_name_lists_all_and_suggests_one():
    with pytest.raises(AttributeError, match=r"no 'asign': did you mean check\.assign\?") as error:
        check.asign  # noqa: B018
    assert {"assign", "answer", "rand_index"} <= set(dir(check))
    assert all(name in str(error.value) for name in dir(check))
    with pytest.raises(AttributeError, match="no 'zzzzzz': it has"):
        check.zzzzzz  # noqa: B018


def test_sentences_that_are_wrapped_are_put_together():
    def wrong():
        """One sentence that is
        longer than a line, with (1, 2)
        in it. And another.
        A formula: a + b
        Hint: read it
        again."""

    assert sentences(wrong) == (
        "One sentence that is longer than a line, with (1, 2) in it. And another.",
        "A formula: a + b",
        "Hint: read it again.",
    )


def test_every_sentence_of_the_judge_is_reached_and_ends():
    """One that no test of this file provokes would never be read."""
    text = Path(__file__).read_text("utf-8")
    lines = "\n".join(judge.SAYS.values()).split("\n")
    assert [line for line in lines if not line.endswith((".", "?", "}", ":"))] == []
    assert [slug for slug in judge.SAYS if f'"{slug}"' not in text] == []
