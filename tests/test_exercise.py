"""The judge of the lessons' exercises: what it says, and that nothing makes it raise."""

import itertools
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

from kmeans_teach import checks
from kmeans_teach.checks import Result, check
from kmeans_teach.lessons import exercise as judge
from kmeans_teach.lessons.exercise import Exercise, challenge, exercise, sentences

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


@challenge
def two_numbers(a, b):
    """Two numbers with the sum 10."""
    if a + b == 10:
        return a + b == 10, "unused", "Yes.", "That is 10."
    return np.False_, "other-sum", f"The sum is {a + b}."


def right(a, b):
    return np.sqrt(((a - b) ** 2).sum())


# what is said


def test_right_function_passes():
    assert distance(right) == Result("distance(a, b)", True, None, (distance.praise,))
    assert distance(lambda a, b: sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5).passed
    assert distance(lambda a, b: right(a, b) * (1 + 1e-9)).passed
    assert not distance(lambda a, b: right(a, b) * (1 + 1e-6)).passed


@pytest.mark.parametrize("wrong", [lambda a, b: right(a, b) ** 2, lambda a, b: [right(a, b) ** 2]])
def test_misconception_is_told_in_the_words_of_its_docstring(wrong):
    assert distance(wrong) == Result(
        "distance(a, b)",
        False,
        "forgot-root",
        (
            "This is the squared distance: for (0, 0) and (3, 4) it gives 25, not 5.",
            "The square of a length is an area; read off a map, these points are 5 apart.",
            "Hint: one operation is left to do, after the sum.",
        ),
    )


def test_style_that_raises_is_that_of_a_function_that_raises_on_the_same_cases():
    def on_columns(a, b):
        return (a - b)[2]

    assert distance(on_columns).misconception == "fails-in-the-plane"
    assert distance(lambda a, b: 1 / 0).misconception == "raises"
    assert distance(lambda a, b: "five" if len(a) == 2 else (a - b)[2]).misconception != (
        "fails-in-the-plane"
    )


def test_later_stage_is_looked_at_when_the_first_is_right():
    one_forgotten = distance(lambda a, b: right(a, b) if len(a) > 1 else 0)
    assert one_forgotten.misconception == "one-column-forgotten"
    assert distance(lambda a, b: 0).misconception == "other"


def test_style_that_is_missing_on_a_case_agrees_with_nothing():
    assert distance(lambda a, b: (a + b).sum()).misconception == "uneven"
    assert distance(lambda a, b: (a * b).sum()).misconception == "other"


def test_smallest_failing_case_is_shown():
    assert distance(lambda a, b: 7.5).lines[:2] == (
        "For a = [1, 2], b = [4, 6]",
        "your function returns 7.5, expected 5.",
    )
    larger = distance(lambda a, b: 5 if len(a) == 2 else np.nan)
    assert larger.lines[0] == "For a = [2, 1, 4], b = [0.5, 7, -1]"
    assert "returns nan, expected 7.9" in larger.lines[1]


@pytest.mark.parametrize("nothing", [(), (None,), (...,)])
@pytest.mark.parametrize("what", [distance, share, two_numbers])
def test_nothing_is_not_tried(what, nothing):
    assert what(*nothing).passed is None


def stub(a, b): ...


def forgot_return(a, b):
    right(a, b)


def not_implemented(a, b):
    raise NotImplementedError


@pytest.mark.parametrize("function", [stub, forgot_return, not_implemented])
def test_stub_is_not_tried(function):
    result = distance(function)
    assert result.passed is None
    assert "does it end on return?" in result.lines[0]


def test_printing_in_place_of_returning(capsys):
    result = distance(lambda a, b: print(right(a, b), "cm"))
    assert result.misconception == "prints"
    assert result.lines[0] == "Your function prints its result (5.0 cm) and returns nothing."
    assert len(distance(lambda a, b: print("x" * 99)).lines[0]) == 115
    assert "5.0 cm" in capsys.readouterr().out


def test_what_a_function_prints_besides_stays_visible(capsys):
    def talks(a, b):
        print("columns:", len(a))
        return right(a, b)

    assert distance(talks).passed
    assert capsys.readouterr().out == "columns: 2\ncolumns: 3\ncolumns: 1\n"
    distance(lambda a, b: print("x" * 10_000))
    assert len(capsys.readouterr().out) == 2000


def set_shape(a, b):
    b.resize((len(a), 1))
    return right(a, b[:, 0])


def set_nan(a, b):
    b[0] = np.nan
    return 5


@pytest.mark.parametrize("function", [set_shape, set_nan])
def test_changed_argument_is_named(function):
    result = distance(function)
    assert result.misconception == "changes-input"
    assert result.lines[0].startswith("Your function changes b in place")
    assert result.lines[-1] == "Hint: work on a copy, for example b.copy()."


def of_cell(name, source):
    """Run a source as a notebook does, which keeps the lines of every cell."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    space = {"np": np}
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
}


@pytest.mark.parametrize("line", CELLS)
def test_exception_is_told_with_the_readers_own_line(line):
    result = distance(of_cell(f"<cell {line}>", CELLS[line])["mine"])
    assert result.misconception == "raises"
    assert result.lines[1] == f"It happens in {line}"
    assert result.lines[2] == "It was called with a = [1, 2], b = [4, 6]"


def test_line_of_an_error_elsewhere_is_the_one_that_called_it():
    deeper = of_cell("<cell 1>", "def deeper(a):\n    return a.missing\n")["deeper"]
    cell = of_cell("<cell 2>", "def mine(a, b):\n    return deeper(a)\n")
    result = distance(cell["mine"].__class__(cell["mine"].__code__, {"deeper": deeper}))
    assert result.lines[:2] == (
        "Your function raises AttributeError: 'numpy.ndarray' object has no attribute 'missing'",
        "It happens in line 2 of mine: return deeper(a)",
    )


def test_result_of_a_call_is_not_a_function():
    result = distance(right(*SMALL))
    assert result.misconception == "not-a-function"
    assert result.lines[0] == "This is not a function."


@pytest.mark.parametrize("function", [lambda a: 1, lambda: 1, [].append, "".join])
def test_wrong_number_of_arguments_is_told_apart(function):
    result = distance(function)
    assert result.misconception == "cannot-be-called"
    assert "cannot be called as distance(a, b): TypeError: " in result.lines[0]


def test_right_numbers_in_another_shape():
    result = distance(lambda a, b: np.array([[right(a, b)]]))
    assert result.misconception == "wrong-shape"
    assert result.lines[0] == (
        "Your function returns an array of shape (1, 1), not one number, but the numbers are right."
    )
    assert "numbers" not in distance(lambda a, b: a).lines[0]
    assert both(lambda a, b: np.array([a + b, a - b])).lines[0].endswith("the numbers are right.")
    assert both(lambda a, b: (a - b, a + b)).misconception == "other"


def test_list_and_labels_that_are_not_whole():
    assert signs(lambda a, b: [1, 0, 1]).misconception == "returns-list"
    assert signs(lambda a, b: [0, 0, 1]).misconception == "other"
    assert signs(lambda a, b: (a > b) * 1.0).misconception == "labels-not-whole"
    assert both(lambda a, b: ((a + b).tolist(), a - b)).misconception == "returns-list"
    assert both(lambda a, b: (a + b, a - b)).passed


def test_value():
    assert share(0.25) == Result("share()", True, None, ("A quarter.",))
    assert share(np.float32(0.259)).passed
    assert share(0.27).misconception == "not-the-answer"
    assert share(0.27).lines == (
        "Your answer, 0.27, is not right yet.",
        "Hint: give one number between 0 and 1.",
    )
    assert share(0.755).misconception == "the-rest"
    assert share(0.25, 2).misconception == "not-the-answer"
    assert "0.25" not in repr(share("a quarter"))


def test_challenge_says_what_its_judge_says():
    assert two_numbers(4, 6) == Result("two_numbers(a, b)", True, None, ("Yes.", "That is 10."))
    assert two_numbers(1, 2) == Result("two_numbers(a, b)", False, "other-sum", ("The sum is 3.",))
    assert two_numbers(1).misconception == "cannot-be-checked"
    assert two_numbers("a", 1).misconception == "cannot-be-checked"
    assert two_numbers(...).lines == ("Call it as check.two_numbers(a, b).",)


# nothing makes it raise


class Bad(BaseException):
    """An exception that is no Exception, and cannot be shown."""

    def __str__(self):
        raise Bad

    __repr__ = __str__


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


class Pair(tuple):
    """A tuple that cannot be walked."""

    def __iter__(self):
        raise Bad

    __len__ = __getitem__ = __bool__ = __iter__


def raiser(error):
    def function(a, b):
        raise error

    return function


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
    Hostile(),
    Nameless("Unnamed", (), {})(),
    Pair((1, 2)),
    Bad,
    Bad(),
    "5.0",
    b"5",
    np.nan,
    None,
    {},
    {"a": 5},
    {5.0},
    (),
    [],
    [[1], [1, 2]],
    (None, 5),
    (5, Hostile()),
    [Hostile()],
    object(),
    print,
    np.sqrt,
    range(10**12),
    np.broadcast_to(0.0, (10**6, 10**6)),
    np.ma.masked,
    np.ma.array([1.0, 2.0], mask=[True, False]),
    np.zeros(2, dtype=[("x", float)]),
    OBJECTS,
    np.array(["5.0"]),
    np.array("2026-11-25", dtype="datetime64[D]"),
    5 + 3j,
    10**400,
    pd.Series([1.0, 2.0]),
    pd.DataFrame({"a": ["x"]}),
    pd.NA,
    pd.Timestamp(0),
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


@pytest.mark.parametrize("number", range(len(RESULTS)))
def test_no_result_makes_it_raise(number):
    value, out = RESULTS[number], sys.stdout
    for what in (distance, signs, both, groups):
        assert not looked_at(what(lambda *case: value))
        assert not looked_at(what(value))
    assert not looked_at(share(value))
    assert sys.stdout is out


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_no_function_makes_it_raise(number):
    function, out = FUNCTIONS[number], sys.stdout
    before = pickle.dumps(distance.stages[0][0])
    for what in (signs, both, groups, share):
        assert not looked_at(what(function))
    assert looked_at(distance(function)) == (function is closes_stdout or function is no_stdout)
    assert sys.stdout is out
    assert pickle.dumps(distance.stages[0][0]) == before


@pytest.mark.parametrize("number", range(len(RESULTS + FUNCTIONS)))
def test_nothing_makes_a_challenge_raise(number):
    value = (RESULTS + FUNCTIONS)[number]
    for given in ((value,), (value, value), (value, value, value)):
        result = two_numbers(*given)
        assert type(result) is Result
        assert not result.passed


def test_hostile_calls_are_told_apart_from_a_stub():
    assert distance(raiser(Bad())).lines[0] == (
        "Your function raises an exception that cannot be shown."
    )
    assert distance(raiser(SystemExit(3))).misconception == "raises"
    assert distance(lambda a, b: Pair((1, 2))).misconception == "wrong-shape"
    for almost in (str, complex, lambda x: np.broadcast_to(x, (10**4, 10**4))):
        result = distance(lambda a, b, almost=almost: almost(right(a, b)))
        assert result.lines[0].startswith("Your function returns a result of type ")


def test_warnings_of_numpy_are_no_errors():
    def divides(a, b):
        np.divide(np.ones(2), np.zeros(2))
        return right(a, b)

    assert distance(divides).passed

    @exercise([(1.0,)], returns="not a number", praise="Yes.")
    def undefined(x):
        return np.nan * x

    assert undefined(lambda x: np.nan).passed


def test_challenge_has_more_time(monkeypatch):
    monkeypatch.setattr(judge, "LIMIT", 0.3)
    assert challenge(lambda x: time.sleep(0.4) or (True, "", "Done."))(1).passed


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
    if aside:
        thread = threading.Thread(target=lambda: found.append(distance(function)))
        thread.start()
        thread.join()
    else:
        found.append(distance(function))
    assert found[0].misconception == "never-returns"
    assert found[0].lines[0].startswith("There was no result after 0.2 seconds")
    assert sys.stdout is out
    for thread in set(threading.enumerate()) - before:
        thread.join(20)  # one that waits ends when it wakes
        assert not thread.is_alive()
    assert distance(right).passed


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
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
        assert not thread.is_alive()


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
    assert {"assign", "answer", *LESSONS} <= set(dir(check))
    assert all(name in str(error.value) for name in dir(check))
    with pytest.raises(AttributeError, match="no 'zzzzzz': it has"):
        check.zzzzzz  # noqa: B018


LESSONS = {name: getattr(check, name) for name in checks._lessons()}
EXERCISES = {name: what for name, what in LESSONS.items() if type(what) is Exercise}
WRONG = {
    f"{name}-{wrong.__name__}": (what, stage, wrong)
    for name, what in {"distance": distance, **EXERCISES}.items()
    for stage, (_, wrongs) in enumerate(what.stages)
    for wrong in wrongs
    if wrong is not uneven
}


def test_every_exercise_is_found_by_its_name():
    lessons = {f"kmeans_teach.lessons.{lesson}" for lesson in checks._lessons().values()}
    written = [
        name
        for lesson in lessons
        for name, value in vars(sys.modules[lesson]).items()
        if isinstance(value, judge.Challenge) and value.right.__module__ == lesson
    ]
    assert sorted(written) == sorted(LESSONS)
    assert all(name == what.__name__ for name, what in LESSONS.items())
    assert not set(LESSONS) & set(vars(checks.Checks))


@pytest.mark.parametrize("name", EXERCISES)
def test_right_function_and_stub_of_a_lesson(name):
    what = EXERCISES[name]
    answer = what.right if what.names else what.right()
    assert what(answer).passed is True, what(answer)
    assert what(lambda *case: ...).passed is None or not what.names
    assert what(None).passed is None
    assert sum(len(wrongs) for _, wrongs in what.stages) >= 3


def calls(wrong, case):
    return [v if callable(v) else lambda v=v: v for v in wrong(*pickle.loads(pickle.dumps(case)))]


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_style_is_told_as_its_own_misconception(name):
    what, stage, wrong = WRONG[name]
    cases = what.stages[stage][0]
    styles = [calls(wrong, case) for case in cases]
    counts = {len(found) for found in styles}
    assert len(counts) == 1, f"{name} yields {sorted(counts)} values"
    assert counts != {0}
    of_case = {pickle.dumps(case): found for case, found in zip(cases, styles, strict=True)}
    for number in range(*counts):

        def learner(*given, number=number):
            found = of_case.get(pickle.dumps(given))
            return found[number]() if found else what.right(*given)

        result = what(learner if what.names else learner())
        slug = wrong.__name__.replace("_", "-")
        assert result.misconception == slug, f"style {number}: {result}"
        assert result.lines == sentences(wrong)


@pytest.mark.parametrize("name", WRONG)
def test_every_misconception_has_its_sentence_and_a_hint(name):
    *said, hint = sentences(WRONG[name][2])
    assert said
    assert all(line.endswith((".", "?", "!", ":")) for line in said), said
    assert hint.startswith("Hint: ")


def test_sentences_that_are_wrapped_are_put_together():
    def wrong():
        """One sentence that is
        longer than a line, with (1, 2)
        in it. And another.
        A third.
        Hint: read it
        again."""

    def without_full_stop():
        """A formula: a + b
        Hint: none."""

    assert sentences(without_full_stop) == ("A formula: a + b", "Hint: none.")
    assert sentences(wrong) == (
        "One sentence that is longer than a line, with (1, 2) in it. And another.",
        "A third.",
        "Hint: read it again.",
    )


def test_every_slug_of_the_judge_is_reached():
    """A sentence that no test of this file provokes would never be read."""
    text = Path(__file__).read_text("utf-8")
    assert [slug for slug in judge.SAYS if f'"{slug}"' not in text] == []


def test_sentences_end_as_sentences():
    lines = itertools.chain(*(text.split("\n") for text in judge.SAYS.values()))
    assert [line for line in lines if not line.endswith((".", "?", "}", ":"))] == []
