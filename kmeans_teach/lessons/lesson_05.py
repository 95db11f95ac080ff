"""Lesson 05, Prepare the data: the scale slider, scaling, categories, and back to units."""

import numpy as np
from sklearn.metrics import adjusted_rand_score

from ..kmeans import KMeans
from ..matching import match_labels
from ..pictures.plane import project
from ..validation import as_points
from ..widgets.axes import Axis
from ..widgets.film import Film, Frame
from ..widgets.panels import Curve, Points
from .cases import floats, made
from .exercise import exercise, questions

STEPS = 20  # stops for a factor of ten
MOST_POINTS = 3_000


class ScaleSlider(Film):
    """Stretch one of two columns by a slider and see k-means change its mind.

    On the left is the stretched plane as k-means measures it, on the right the same clusters in
    the units of the data. Each stop is ``KMeans(n_clusters, n_init=10).fit(X * stretch)``; clusters
    are named as at factor 1.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, 2)
        At most 3,000 points. A DataFrame brings the names of its columns (write units into them:
        "money (euro)").
    n_clusters : int
    column : str, optional
        The name of the column that is stretched at first; by default the first one.
    low, high : float
        The ends of the slider, with 1 between them. Where the factor that standardises lies
        beyond, the slider reaches three times as far as that.
    random_state : int
    feature_names : pair of str, optional
        Names of the columns, in place of those of the DataFrame, or "x" and "y".
    classes : array of shape (n_samples,), optional
        Known classes: a curve then shows how well the clusters agree with them (adjusted Rand
        index). K-means never sees them.
    **look
        ``title``, ``height`` and ``twin``, as for a Film.

    Attributes
    ----------
    column, factor : str, float
        Where the controls stand. Set them to go there.
    same_spread : float
        The factor at which both columns have the same standard deviation; the slider stops there.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; the message says why.

    Notes
    -----
    All pairs of n points together have the squared distance n² (v₁ + v₂), v being the variances of
    the columns. So the share of a column is its share in the sum of variances.

    Examples
    --------
    >>> slider = ScaleSlider([[0.0, 0.0], [0.0, 4.0], [1.0, 0.0], [1.0, 4.0]], 2)
    >>> slider.same_spread
    4.0
    >>> slider.factor = 10
    >>> slider.shown.words[:56]
    'x × 10: 2 of 4 points changed cluster since factor 1. x '
    """

    def __init__(
        self, X, n_clusters, *, column=None, low=0.1, high=10, random_state=0,
        feature_names=None, classes=None, **look,
    ):  # fmt: skip
        names = getattr(X, "columns", None) if feature_names is None else feature_names
        self._X = as_points(X).astype(float)
        if (shape := self._X.shape)[1] != 2 or shape[0] > MOST_POINTS:
            raise ValueError(
                f"X has {shape[0]} points and {shape[1]} columns: pass two columns of at most "
                f"{MOST_POINTS:,} points, for example df[['age', 'money']].sample({MOST_POINTS})"
            )
        self._names = project(self._X, feature_names=names).names
        self._spread = dict(zip(self._names, self._X.std(axis=0), strict=True))
        if len(self._spread) < 2 or not all(self._spread.values()):
            raise ValueError(
                f"the columns {' and '.join(self._names)} have standard deviations "
                f"{self._X.std(axis=0).tolist()}: pass two columns of different names that vary"
            )
        if not 0 < low <= 1 <= high < np.inf:
            raise ValueError(
                f"low={low}, high={high}: pass two factors above 0 with 1 between them"
            )
        if classes is not None and np.shape(classes) != (len(self._X),):
            raise ValueError(
                f"classes has shape {np.shape(classes)}: pass one class for each of the "
                f"{len(self._X)} points"
            )
        self._classes, self._ends = classes, (low, high)
        self._model = KMeans(n_clusters, n_init=10, random_state=random_state)
        self._given = self._model.fit(self._X).labels_
        lines = {"Share of all squared distances": self._names}
        lines |= {} if classes is None else {"Agreement with the classes (ARI)": ("ARI",)}
        look = {"height": 360, **look}
        self._curves = [
            Curve(title=title, axis="factor", lines=line, limits=(0, 1.02), tall=0.45)
            for title, line in lines.items()
        ]
        axes = {
            "column": Axis(self._names, "Stretch", control="choice", later=True),
            "factor": Axis(self._factors, "Factor", self._text, first=1.0),
        }
        start = {} if column is None else {"column": column}
        super().__init__(axes, start=start, **look)

    @property
    def same_spread(self) -> float:
        """The factor at which both columns have the same standard deviation."""
        return self._same(self.column)

    def _same(self, column):
        (other,) = set(self._names) - {column}
        return float(self._spread[other] / self._spread[column])

    def _factors(self, column):
        same, (low, high) = self._same(column), self._ends
        low, high = min(low, same / 3), max(high, 3 * same)
        powers = np.arange(np.ceil(STEPS * np.log10(low)), STEPS * np.log10(high) + 1e-9)
        return sorted({*(10 ** (powers / STEPS)).tolist(), 1.0, same})

    def _text(self, factor, column):
        marks = {1.0: ", as given"} | {self._same(column): ", same spread"}
        return f"× {factor:.3g}{marks.get(factor, '')}"

    def frame(self, column, factor):
        """The stretched plane, the same clusters in the units of the data, and the curves."""
        scale = np.where(np.array(self._names) == column, factor, 1.0)
        Z = self._X * scale
        labels = match_labels(self._model.fit(Z).labels_, self._given)
        centers = np.array([self._X[labels == j].mean(axis=0) for j in np.unique(labels)])
        moved, times = labels != self._given, f"{column} × {factor:.3g}"
        stretched = [times if name == column and factor != 1 else name for name in self._names]
        look = {"marked": moved, "scale": tuple(scale.tolist())}
        sees = "What k-means sees: one scale for both"
        left = Points(self._X, labels, centers, stretched, title=sees, **look)
        right = Points(
            self._X, labels, centers, self._names, title="Your units", units=True, **look
        )
        share = Z.var(axis=0) / Z.var(axis=0).sum()
        most = int(share.argmax())
        words = (
            f"{times}: {moved.sum()} of {len(Z)} points changed cluster since factor 1. "
            f"{self._names[most]} makes up {100 * share[most]:.0f} % of all squared distances."
        )
        numbers = dict(zip(self._names, share.tolist(), strict=True))
        if self._classes is not None:
            numbers["ARI"] = float(adjusted_rand_score(self._classes, labels))
            words += f" ARI with the classes: {numbers['ARI']:.2f}."
        return Frame(words, [[left, right], self._curves], numbers)


# standardise(train, new)
def _scaled(ruler, X, ddof=0):
    """X measured with the mean and the standard deviation of each column of ``ruler``."""
    sd = ruler.std(axis=0, ddof=ddof)
    return (X - ruler.mean(axis=0)) / np.where(sd == 0, 1, sd)


def _split(made, units, n_train):
    X = made[0] * units
    return X[:n_train], X[n_train:]


# columns in units as far apart as those of customers are
_TRAIN_AND_NEW = (
    floats([[1, 100], [3, 500]], [[2, 700], [5, 300]]),
    _split(made(11, (4, 6), 2), (1, 40), 6),
    _split(made(12, (3, 4, 7), 3), (30, 1, 0.1), 9),
    _split(made(13, (4, 5, 2), 4), (1, 7, 0.5, 90), 6),
)

# a column of sevens in train; in the last case it varies in new
_WITH_A_FLAT_COLUMN = tuple(
    (np.insert(train, at, 7.0, axis=1), np.insert(new, at, value, axis=1))
    for (train, new), at, value in zip(_TRAIN_AND_NEW, (2, 0, 1, 4), (7, 7, 7, 9), strict=True)
)


@exercise(
    _TRAIN_AND_NEW,
    returns=(
        "an array of the shape of new: each column minus its mean in train, divided by its "
        "standard deviation in train"
    ),
    praise="New rows are measured with the ruler that was made from the training rows.",
)
def standardise(train, new):
    """New rows, measured with the mean and standard deviation of train."""
    return _scaled(train, new)


@standardise.wrong
def fitted_on_new(train, new):
    """Mean and standard deviation are taken from the new rows.
    Then a customer's numbers depend on who else is new today, and a single new customer always
    becomes a row of zeros.
    Hint: which table was there when the centres were found?"""
    yield from (_scaled(new, new), _scaled(new, new, ddof=1))


@standardise.wrong
def fitted_on_both(train, new):
    """Mean and standard deviation are taken from train and new together.
    So the new rows have a say in how they are measured, and what you find out about new
    customers is no longer a test.
    Hint: new appears once in the formula: it is what gets measured."""
    both = np.concatenate([train, new])
    yield from (_scaled(both, new), _scaled(both, new, ddof=1), _scaled(both, both))


@standardise.wrong
def train_returned(train, new):
    """The training rows come back scaled, not the new ones.
    Train makes the ruler; what is measured with it is new.
    Hint: subtract from new, not from train."""
    yield from (_scaled(train, train), _scaled(train, train, ddof=1))
    yield _scaled(train, train), _scaled(train, new)


@standardise.wrong
def columns_mixed(train, new):
    """All columns share one mean or one standard deviation.
    Days and euro are thrown together, and the column with the large numbers rules as before.
    Hint: say along which axis: axis=0 gives one number for each column."""
    yield from ((new - train.mean(axis=i)) / train.std() for i in (None, 0))
    yield (new - train.mean()) / train.std(axis=0)


@standardise.wrong
def by_row(train, new):
    """Each row is scaled, not each column.
    The mean of a customer's days and euro is a number that means nothing.
    Hint: one mean for each column: axis=0, from train."""
    yield _scaled(new.T, new.T).T


@standardise.wrong
def not_divided(train, new):
    """The mean is subtracted, but nothing is divided.
    All differences between customers stay as they were, so the distances do too.
    Hint: divide by the standard deviation of each column of train."""
    yield new - train.mean(axis=0)


@standardise.wrong
def not_centred(train, new):
    """The columns are divided, but their mean is not subtracted.
    K-means would find the same clusters, but 0 no longer stands for an average customer.
    Hint: subtract the mean of each column of train before you divide."""
    yield new / train.std(axis=0)


@standardise.wrong
def variance(train, new):
    """This divides by the variance.
    The variance has squared units (days times days); divided by it, a column has a unit again.
    Hint: std in place of var, or the root of the variance."""
    yield (new - train.mean(axis=0)) / train.var(axis=0)


@standardise.wrong
def n_minus_1(train, new):
    """The standard deviation is that of a sample: divided by n - 1.
    It makes hardly any difference to clusters, but StandardScaler divides by n. pandas takes n
    - 1 unless you say ddof=0; NumPy takes n.
    Hint: ddof=0."""
    yield _scaled(train, new, ddof=1)


@standardise.wrong
def min_max(train, new):
    """This puts the smallest value of train at 0 and the largest at 1.
    That is another scaler, MinMaxScaler, whose ruler is made by two rows alone: a single
    outlier squeezes all others together.
    Hint: mean and standard deviation in place of minimum and range."""
    yield (new - train.min(axis=0)) / np.ptp(train, axis=0)


standardise.then(_WITH_A_FLAT_COLUMN)


@standardise.wrong
def divides_by_zero(train, new):
    """A column with one value only is divided by 0.
    Its standard deviation is 0, and NaN or infinity comes out, with which k-means cannot do
    anything.
    Hint: put 1 in place of a standard deviation of 0, as StandardScaler does."""
    yield (new - train.mean(axis=0)) / train.std(axis=0)


# one_hot(values)
def _as_they_come(values):
    """Columns in the order in which the categories are first met."""
    return (values[:, None] == list(dict.fromkeys(values.tolist()))).astype(float)


def _words(*texts):
    return tuple((np.array(text.split()),) for text in texts)


_THREE_CHANNELS = _words(
    "web app web phone",
    "phone phone app web app app",
    "web phone phone app web web web phone",
)
_OTHER_CATEGORIES = _words("no yes no no yes", "oak fir elm ash oak elm", "web app web app web")


@exercise(
    _THREE_CHANNELS,
    returns=(
        "an array with a row for each value and a column for each category, in alphabetical "
        "order: 1 where the row is of that category, 0 elsewhere"
    ),
    praise=(
        "Each category has a column of its own, and any two different ones are equally far apart."
    ),
)
def one_hot(values):
    """A column of 0 and 1 for each category."""
    return (values[:, None] == np.unique(values)).astype(float)


@one_hot.wrong
def codes(values):
    """One column with a number for each category.
    That invents distances: with 1, 2, 3 the first and the last category are twice as far apart
    as neighbours in the alphabet.
    Hint: a column for each category, with nothing but 0 and 1 in it."""
    sorted_codes = np.unique(values, return_inverse=True)[1]
    for codes in (sorted_codes, sorted_codes[:, None], _as_they_come(values).argmax(axis=1)):
        yield from (codes, codes + 1)


@one_hot.wrong
def as_they_come(values):
    """The columns are in the order in which the categories first occur.
    Other rows first, other columns: new customers would land in the wrong ones.
    Hint: sort the categories; np.unique does it."""
    yield _as_they_come(values)


@one_hot.wrong
def transposed(values):
    """Rows and columns are swapped: here a row stands for a category.
    A customer is a row, as everywhere in this course.
    Hint: compare values[:, None] with the categories, or transpose at the end."""
    yield one_hot.right(values).T


@one_hot.wrong
def one_left_out(values):
    """One category has no column.
    A regression needs that; for distances it is wrong: the category left out is nearer to all
    others than they are to each other.
    Hint: as many columns as categories (drop nothing)."""
    yield from (one_hot.right(values)[:, 1:], one_hot.right(values)[:, :-1])


@one_hot.wrong
def rows_not_values(values):
    """Every row has a column of its own.
    Two customers of the same channel must get the same row.
    Hint: take each category once: np.unique."""
    yield from (np.eye(len(values)), (values[:, None] == values).astype(float))


@one_hot.wrong
def standardised(values):
    """The columns of 0 and 1 are standardised.
    A rare category has a small standard deviation, so dividing by it makes the rarest category
    the loudest.
    Hint: stop when there are zeros and ones."""
    yield _scaled(one_hot.right(values), one_hot.right(values))


@one_hot.wrong
def counts(values):
    """This counts how often each category occurs.
    A table for k-means needs a row for each customer.
    Hint: which rows are of a category? Compare, do not count."""
    yield from (one_hot.right(values).sum(axis=0), one_hot.right(values).mean(axis=0))


one_hot.then(_OTHER_CATEGORIES)


@one_hot.wrong
def app_phone_web_only(values):
    """It is right for app, phone and web, and for no other categories.
    The next table has other words in it.
    Hint: ask the values which categories there are: np.unique(values)."""
    channels = ["app", "phone", "web"]
    yield (values[:, None] == channels).astype(float)
    yield lambda: np.eye(3)[[channels.index(value) for value in values]]


# to_units(centers, mean, scale)
_CENTERS = (
    floats([[-1, 2], [0.5, 0]], [30, 500], [10, 400]),
    floats([[1.2, -0.4, 0.3], [-0.7, 1.1, 2]], [79, 10.5, 43], [86, 5, 13.5]),
    floats([[0.3], [-1.9], [1.4], [0.8]], [12.5], [2.5]),
)


@exercise(
    _CENTERS,
    returns="an array of the shape of centers: each column times its scale, plus its mean",
    praise="Now a centre reads in days and euro, and you can give it a name.",
)
def to_units(centers, mean, scale):
    """Centres of scaled data, back in the data's units."""
    return centers * scale + mean


@to_units.wrong
def scaled_again(centers, mean, scale):
    """The centres are scaled a second time.
    They come from scaled data; the way back undoes what the scaler did.
    Hint: the scaler subtracts the mean, then divides. What undoes a division?"""
    yield from ((centers - mean) / scale, centers / scale - mean)


@to_units.wrong
def wrong_order(centers, mean, scale):
    """The mean is added first and then multiplied.
    What was done last has to be undone first: shoes before socks.
    Hint: multiply before you add."""
    yield (centers + mean) * scale


@to_units.wrong
def mean_forgotten(centers, mean, scale):
    """The scale is undone, the shift is not.
    0 stands for an average customer, who does not spend 0 euro.
    Hint: add the mean of each column."""
    yield centers * scale


@to_units.wrong
def scale_forgotten(centers, mean, scale):
    """The mean is added, but the scale is not undone.
    A centre at 2 lies 2 standard deviations above the mean, not 2 euro.
    Hint: multiply by the scale of each column first."""
    yield centers + mean


@to_units.wrong
def divided(centers, mean, scale):
    """The centres are divided by the scale.
    The scaler has divided already; multiplying undoes it.
    Hint: what undoes a division?"""
    yield centers / scale + mean


@to_units.wrong
def mean_subtracted(centers, mean, scale):
    """The mean is subtracted.
    The scaler has subtracted it already; adding undoes it.
    Hint: what undoes a subtraction?"""
    yield from (centers * scale - mean, (centers - mean) * scale)


ANSWERS = questions("""
05.predict within 0.05: Recency and money differ by 90 days and 1,600 euro; their standard
        deviations are 30 days and 400 euro. How far apart are the two customers after
        StandardScaler?
    Hint: divide each difference by the standard deviation of its column, then Pythagoras.
    5: 3 and 4 standard deviations, so 5 in all; the means cancel in a difference.
    25, forgot-root: This is the squared distance: take the root.
    7, manhattan: This adds the two up; the straight line is shorter.
    4, largest-only: This is the difference in money alone; recency counts too.
    1602.5, not-scaled: This is the distance before scaling: nearly all of it money.
    1690, not-scaled-sum: This adds days and euro up, which have nothing in common.
""")
