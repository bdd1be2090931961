"""Spans of days: one day of a span answers for all of them."""

import datetime as dt
import itertools
import random

import attrs
import pytest

np = pytest.importorskip("numpy", reason="numpy is not installed: pip install cptkit[frames]")
pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install cptkit[frames]")

from cptkit import Basis, Catalog  # noqa: E402 - behind the skip
from cptkit.frames.periods import EPOCH, NO_EDITION, Periods  # noqa: E402 - behind the skip
from cptkit.rules import RULES  # noqa: E402 - behind the skip
from cptkit.rules.profiles.reading import profile_of  # noqa: E402 - behind the skip

ONE = dt.timedelta(days=1)
EDITIONS = ("2021.1", "2022.1", "2023.1", "2024.1", "2025.1", "2026.1")
PROFILES = ("tricare", "noridian", "optum-commercial", "ngs")


@pytest.fixture(scope="module")
def catalog(paths, catalog_of) -> Catalog:
    return catalog_of(paths.drawing.tables(5))


def numbers(days):
    return np.array([day.toordinal() - EPOCH for day in days], np.int32)


def every_day(first, last):
    return [first + dt.timedelta(number) for number in range((last - first).days + 1)]


def test_each_day_has_the_span_of_its_edition(catalog) -> None:
    """From its first day to the day before the next one's; days of no edition have none."""
    periods = Periods(catalog)
    days = every_day(dt.date(2020, 6, 1), dt.date(2027, 3, 1))
    spans = periods.of(numbers(days)).tolist()
    assert len(periods) == len(periods.first_days) == len(periods.editions)
    assert set(spans) == {NO_EDITION, *range(len(periods))}
    for day, span in zip(days, spans, strict=True):
        edition = catalog.edition_for(day)
        if span == NO_EDITION:
            assert edition is None
        else:
            assert periods.editions[span] is edition
            assert periods.first_days[span] <= day
            assert span + 1 == len(periods) or day < periods.first_days[span + 1]
    assert periods.of(numbers(periods.first_days)).tolist() == list(range(len(periods)))


def test_few_days_far_apart_and_many_together(catalog) -> None:
    """Looked up one by one, or by a table of all days between: the same."""
    periods = Periods(catalog)
    days = every_day(dt.date(2025, 12, 1), dt.date(2027, 1, 5))
    together = dict(zip(days, periods.of(numbers(days)).tolist(), strict=True))
    far = [dt.date(2026, 7, 4), dt.date(2027, 1, 1), dt.date(2025, 12, 31), dt.date(2026, 1, 1)]
    assert periods.of(numbers(far)).tolist() == [together[day] for day in far]
    assert periods.of(numbers([dt.date(1, 1, 1), dt.date(9999, 12, 31)])).tolist() == [NO_EDITION] * 2
    assert periods.of(numbers([dt.date(2026, 7, 4)])).tolist() == [together[dt.date(2026, 7, 4)]]
    assert periods.of(numbers([])).tolist() == []
    assert (
        periods.of(numbers(far)).dtype
        == periods.of(numbers(days)).dtype
        == periods.of(numbers([])).dtype
        == np.int16
    )


def test_where_spans_end(catalog) -> None:
    """At every quarter, where a row of a table begins or has ended, and on days that a profile brings."""
    plain = set(Periods(Catalog.bundled()).first_days)
    assert plain >= {dt.date(year, month, 1) for year in range(2021, 2027) for month in (1, 4, 7, 10)}
    with_tables = set(Periods(catalog).first_days)
    assert with_tables > plain
    middle = dt.date(2026, 1, 15)  # where rows of the tables end, and others begin
    assert {middle, middle + ONE} <= with_tables
    assert {middle, middle + ONE} & plain == set()
    own = dt.date(2026, 2, 11)
    assert own not in with_tables
    assert set(Periods(catalog, [own, dt.date(1990, 1, 1)]).first_days) == with_tables | {own}
    tricare = profile_of("tricare").turning_days()
    assert tricare == tuple(sorted(set(tricare)))
    assert dt.date(2022, 12, 30) in tricare


def test_editions_with_a_year_between() -> None:
    periods = Periods(Catalog.from_editions("2023.1", "2025.1"))
    assert {day.year for day in periods.first_days} == {2023, 2025}
    days = [
        dt.date(2022, 12, 31),
        dt.date(2023, 1, 1),
        dt.date(2023, 12, 31),
        dt.date(2024, 1, 1),
        dt.date(2025, 1, 1),
    ]
    spans = periods.of(numbers(days)).tolist()
    assert [span == NO_EDITION for span in spans] == [True, False, False, True, False]


def said_on(paths, rows, day, catalog, options):
    return paths.by_claims([attrs.evolve(row, day=day) for row in rows], catalog, **options)


def law(paths, catalog, editions, options, seed, most):
    """On the last day of a span the same is said as on its first, but for the day in a reason; and so between."""
    periods = Periods(
        catalog, () if "profile" not in options else profile_of(options["profile"]).turning_days()
    )
    ends = [*periods.first_days[1:], dt.date(2027, 1, 1)]
    spans = [
        (first, end - ONE)
        for first, end, edition in zip(periods.first_days, ends, periods.editions, strict=True)
        if edition.edition in editions and first + ONE < end
    ]
    draw = random.Random(seed)  # noqa: S311 - the same on every run
    assert spans
    rows = paths.drawing.rows(seed, 12, providers=("A", "B", None))
    for first, last in draw.sample(spans, min(most, len(spans))):
        between = first + dt.timedelta(draw.randrange(1, (last - first).days + 1))
        on_first = said_on(paths, rows, first, catalog, options)
        for other in dict.fromkeys((last, between)):
            on_other = said_on(paths, rows, other, catalog, options)
            assert (on_other.findings, on_other.not_checked) == (on_first.findings, on_first.not_checked), (
                other
            )


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_day_answers_for_its_span(paths, catalog, edition) -> None:
    for seed, basis in enumerate(Basis):
        law(paths, catalog, {edition}, {"basis": basis}, int(edition[:4]) + 100 * seed, 5)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_day_answers_for_its_span_of_a_profile(paths, profile) -> None:
    law(paths, Catalog.bundled(), set(EDITIONS), {"profile": profile}, len(profile), 5)


@pytest.mark.large
@pytest.mark.parametrize(("edition", "basis"), list(itertools.product(EDITIONS, Basis)))
def test_a_day_answers_for_each_span(paths, catalog, edition, basis) -> None:
    for seed in range(10):
        law(paths, catalog, {edition}, {"basis": basis}, seed, 1000)


@pytest.mark.parametrize("basis", Basis)
def test_spans_alike_but_for_tables(paths, catalog, basis) -> None:
    """Since the first of them every rule that needs no table says the same."""
    periods = Periods(catalog)
    of_facts, alike = periods.first_of_facts.tolist(), periods.first_alike.tolist()
    assert all(first <= span and of_facts[first] == first for span, first in enumerate(of_facts))
    assert all(of_facts[span] == of_facts[first] for span, first in enumerate(alike))
    pairs = [(first, span) for span, first in enumerate(of_facts) if first < span]
    rows = paths.drawing.rows(7, 12, providers=("A", "B", None))
    options = {"basis": basis, "select": [row.id for row in RULES if not row.needs]}
    draw = random.Random(3)  # noqa: S311 - the same on every run
    for first, span in draw.sample(pairs, min(len(pairs), 12)):
        assert periods.editions[first] is periods.editions[span]
        one, other = (
            said_on(paths, rows, periods.first_days[each], catalog, options) for each in (first, span)
        )
        assert (one.findings, one.not_checked) == (other.findings, other.not_checked)


def test_spans_alike_but_for_pair_edits(paths, catalog_of) -> None:
    """Since the first of them every rule but those of pair edits says the same."""
    tables = dict(paths.drawing.tables(5))
    days = [dt.date(2026, 2, 20), dt.date(2025, 8, 8), dt.date(2025, 8, 18), dt.date(2026, 6, 5)]
    for day in days:
        quarter = f"ptp practitioner {day.year}q{(day.month + 2) // 3}"
        tables[quarter] = [*tables[quarter], f"97110 96365 1 {day}.."]
    catalog = catalog_of(tables)
    periods = Periods(catalog)
    alike = periods.first_alike.tolist()
    assert all(first <= span and alike[first] == first for span, first in enumerate(alike))
    assert Periods(Catalog.bundled()).first_alike.tolist() == list(range(len(Periods(Catalog.bundled()))))
    pairs = [(first, span) for span, first in enumerate(alike) if first < span]
    assert {periods.first_days[span] for _, span in pairs} >= set(days)
    rows = paths.drawing.rows(6, 12, providers=("A", "B", None))
    draw = random.Random(2)  # noqa: S311 - the same on every run
    for first, span in draw.sample(pairs, min(len(pairs), 8)):
        assert periods.editions[first] is periods.editions[span]
        one, other = (
            said_on(paths, rows, periods.first_days[each], catalog, {"ignore": ["PTP"]})
            for each in (first, span)
        )
        assert (one.findings, one.not_checked) == (other.findings, other.not_checked)
