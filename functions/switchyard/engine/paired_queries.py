"""The sums of both models' predictions in SQL: what stats.paired makes of rows, of a block of them at once.

A query has one pass over its source. What it derives of a row is kept while the parts, a SELECT each, are made of it;
every part answers rows of (name, [figures]). `plain` says of how many rows the rules leave nothing open: where that is
not all, its other parts mean nothing.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from switchyard.stats.auc import COARSE, FINE, REACH
from switchyard.stats.calibration import BINS
from switchyard.stats.losses import CLIP, LARGEST, SMALLEST, quantile_name
from switchyard.stats.paired import PERCENTAGE, Wanted
from switchyard.stats.residuals import CHAMPION, LEAST, STEPS
from switchyard.stats.residuals import COARSE as COARSE_STEPS

_TINY = "1e-300"  # stands for a probability of 0 in a logarithm, as in stats.auc


class Said(NamedTuple):
    """One model's answer to a row, in SQL: where it is counted, the surplus of its probability over what came true,
    and the losses.
    """

    place: str
    surplus: str
    losses: Mapping[str, str]


def query(problem: str, source: str, sizes: Mapping[str, int], wanted: Wanted) -> str:
    """source: a SELECT of `y` and, by model, `p0` and `p1`, with classes `p0_0`, `p0_1`, ...; sizes: how many columns
    each model has there.
    """
    kept, parts = _REGRESSION if problem == "regression" else _CLASSES
    derived = kept(problem, sizes, wanted)
    union = " UNION ALL ".join(parts(problem, sizes, wanted))
    return f"WITH rows AS MATERIALIZED (SELECT {', '.join(derived)} FROM ({source})) {union}"  # noqa: S608 - our text


def probabilities(model: str, size: int) -> list[str]:
    """Names of a model's columns."""
    return [f"p{model}_{at}" for at in range(size)] if size > 1 else [f"p{model}"]


def _part(name: str, figures: str, rest: str = "") -> str:
    return f"SELECT '{name}', [{figures}]::DOUBLE[] FROM rows {rest}"  # noqa: S608 - our text


def _counted(name: str, keys: Mapping[str, str], figures: str = "") -> str:
    """A part with the keys' values, the rows that have them, and figures of those."""
    chosen = ", ".join([*keys, "count(*)", *([figures] if figures else [])])
    named = ", ".join(f"{expression} AS {key}" for key, expression in keys.items())
    inner = f"SELECT {named}, * FROM rows"  # noqa: S608 - our text
    return f"SELECT '{name}', [{chosen}]::DOUBLE[] FROM ({inner}) GROUP BY {', '.join(keys)}"  # noqa: S608 - ours


def _is_probability(name: str) -> str:
    return f"{name} BETWEEN 0 AND 1"  # not so of NULL, and of NaN, which is above all numbers here


# Classes.


def _kept_classes(problem: str, sizes: Mapping[str, int], wanted: Wanted) -> list[str]:
    derive = _kept_binary if problem == "binary" else _kept_multiclass
    plain = [_is_class(problem, min(sizes.values()))]
    plain += [_is_probability(each) for model, size in sizes.items() for each in probabilities(model, size)]
    more = [
        f"{text} AS {name}" for model, size in sizes.items() for name, text in derive(model, size, wanted)
    ]
    return ["y", f"({' AND '.join(plain)}) IS TRUE AS plain", *more]


def _is_class(problem: str, classes: int) -> str:
    return "y IN (0, 1)" if problem == "binary" else f"(y BETWEEN 0 AND {classes - 1} AND y = floor(y))"


def _kept_binary(model: str, _size: int, _wanted: Wanted) -> Iterator[tuple[str, str]]:
    own = f"p{model}"
    yield own, own
    yield f"s{model}", f"y * ln({own} + {_TINY}) + (1 - y) * ln(1 - {own} + {_TINY})"
    yield f"f{model}", _fine(own, "y")


def _kept_multiclass(model: str, size: int, wanted: Wanted) -> Iterator[tuple[str, str]]:
    own = probabilities(model, size)
    largest = f"greatest({', '.join(own)})"
    said = " ".join(f"WHEN {name} = {largest} THEN {at}" for at, name in enumerate(own))
    true = f"CASE y {' '.join(f'WHEN {at} THEN {name}' for at, name in enumerate(own))} END"
    yield f"c{model}", f"CASE {said} END"
    yield f"l{model}", largest
    yield f"s{model}", f"ln({true} + {_TINY})"
    yield f"b{model}", f"{' + '.join(f'{name} * {name}' for name in own)} - 2 * {true} + 1"
    for index in wanted.areas:
        yield f"f{model}_{index}", _fine(own[index] if index < size else "0.0", f"(y = {index})::INTEGER")


def _fine(score: str, label: str) -> str:
    """Twice the fine bin of a score, not yet kept within its bounds, and 1 more where the label is true."""
    odds = f"ln({score} + {_TINY}) - ln(1 - {score} + {_TINY})"
    return f"(trunc(({odds} + {REACH!r}) / {2 * REACH!r} * {FINE}) * 2 + {label})::INTEGER"


def _parts_classes(problem: str, sizes: Mapping[str, int], wanted: Wanted) -> Iterator[str]:
    models = {model: _said(problem, model) for model in sizes}
    yield _part("plain", "count(*), count(*) FILTER (WHERE plain)")
    for loss in ("log_loss", "brier"):
        values = [each.losses[loss] for each in models.values()]
        values += [f"({values[1]}) - ({values[0]})"] if len(values) > 1 else []
        yield _part(loss, ", ".join(f"count(*), sum({v}), sum(({v}) * ({v}))" for v in values))
    yield _cells(models)
    areas = {"": ""} if problem == "binary" else {str(index): f"_{index}" for index in wanted.areas}
    for index, suffix in areas.items():
        for model in models:
            yield _counted(f"fine {model} {index}", {"place": f"f{model}{suffix}"})
        if len(models) > 1:
            old, new = (f"f{model}{suffix} // {2 * FINE // COARSE}" for model in models)
            both = {"before": old, "place": f"({new}) * 2 + (f{CHAMPION}{suffix} & 1)"}
            yield _counted(f"joint {index}", both)


def _cells(models: Mapping[str, Said]) -> str:
    keys = {"truth": "y"} | {f"at{model}": f"({each.place})::INTEGER" for model, each in models.items()}
    surplus = [each.surplus for each in models.values()]
    products = [f"sum(({one}) * ({other}))" for one in surplus for other in surplus]
    return _counted("cells", keys, ", ".join([*(f"sum({each})" for each in surplus), *products]))


def _said(problem: str, model: str) -> Said:
    log_loss = _surprise(f"s{model}")
    if problem == "binary":
        own = f"p{model}"
        losses = {"log_loss": log_loss, "brier": f"({own} - y) * ({own} - y)"}
        return Said(f"ceil({own} * {BINS}) * 2 + ({own} >= 0.5)::INTEGER", f"{own} - y", losses)
    said, largest = f"c{model}", f"l{model}"
    losses = {"log_loss": log_loss, "brier": f"b{model}"}
    place = f"{said} * {BINS + 1} + ceil({largest} * {BINS})"
    return Said(place, f"{largest} - ({said} = y)::INTEGER", losses)


def _surprise(logarithm: str) -> str:
    """A logarithm, taken back and kept within what `CLIP` allows."""
    return f"CASE WHEN {logarithm} < ln({CLIP!r}) THEN -ln({CLIP!r}) WHEN {logarithm} > ln(1 - {CLIP!r}) " + (
        f"THEN -ln(1 - {CLIP!r}) ELSE -({logarithm}) END"
    )


# Numbers.


def _kept_numbers(_problem: str, sizes: Mapping[str, int], _wanted: Wanted) -> list[str]:
    usable = [f"abs(p{model}) <= {LARGEST!r}" for model in sizes]
    plain = " AND ".join(["isfinite(y)", *usable])
    own = [name for model in sizes for name in (f"p{model}", f"p{model} - y AS e{model}")]
    return ["y", f"({plain}) IS TRUE AS plain", *own]


def _parts_numbers(_problem: str, sizes: Mapping[str, int], wanted: Wanted) -> Iterator[str]:
    yield _part("plain", "count(*), count(*) FILTER (WHERE plain)")
    yield _part("target", _moments("y"))
    for loss, values in _losses(sizes, wanted).items():
        not_zero = f"WHERE abs(y) > {SMALLEST!r}" if loss == PERCENTAGE else ""
        both = [*values, *([f"({values[1]}) - ({values[0]})"] if len(values) > 1 else [])]
        yield _part(loss, ", ".join(map(_moments, both)), not_zero)
    yield _part("sizes", _comoments([*(f"abs(e{model})" for model in sizes), "abs(y)"]))
    for model in sizes:
        yield _counted(f"residuals {model}", {"bin": _doubling(f"e{model}", STEPS)})
        group = {"bin": _doubling(f"p{model}", COARSE_STEPS)}
        yield _counted(f"by_prediction {model}", group, _comoments([f"p{model}", f"e{model}"]))


def _losses(sizes: Mapping[str, int], wanted: Wanted) -> dict[str, list[str]]:
    found = {
        "squared_error": [f"e{model} * e{model}" for model in sizes],
        "absolute_error": [f"abs(e{model})" for model in sizes],
        PERCENTAGE: [f"abs(e{model}) / abs(y)" for model in sizes],
    }
    for q in wanted.quantiles:
        pinball = "CASE WHEN e{0} <= 0 THEN {1!r} * -e{0} ELSE {2!r} * e{0} END"
        found[quantile_name(q)] = [pinball.format(model, q, 1 - q) for model in sizes]
    return found


def _moments(value: str) -> str:
    return f"count({value}), avg({value}), var_pop({value}) * count({value})"


def _comoments(values: list[str]) -> str:
    products = [f"covar_pop({one}, {other}) * count(*)" for one in values for other in values]
    return ", ".join(["count(*)", *(f"avg({value})" for value in values), *products])


def _doubling(value: str, steps: int) -> str:
    size = f"1 + greatest(0, floor(log2(abs({value}) / {LEAST!r}) * {steps}))"
    return f"CASE WHEN abs({value}) <= {LEAST!r} THEN 0 ELSE sign({value}) * ({size}) END"


_CLASSES = (_kept_classes, _parts_classes)
_REGRESSION = (_kept_numbers, _parts_numbers)
