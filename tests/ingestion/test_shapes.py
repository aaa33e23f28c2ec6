"""A feed whose columns change is noticed once, and so is when it is as before."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.shapes import Shape, _Feed, _state
from tests.ingestion.conftest import MOVEMENTS, RECEIVED, Home, movement

SHAPES = "select state, added, missing from ops.feed_shapes order by load_seq"


def _file(number: int, extra: str = "", without: str = "") -> bytes:
    """One movement under a header with a column more, or one less."""
    cells = dict(zip(MOVEMENTS.split(","), movement(number).split(","), strict=True))
    if extra:
        cells[extra] = "x"
    cells.pop(without, None)
    return "\n".join([",".join(cells), ",".join(cells.values()), ""]).encode()


def _delivered(home: Home, *files: bytes) -> list[tuple]:
    for data in files:
        home.land(data)
        home.ingest()
    return home.rows(SHAPES)


def test_the_first_file_of_a_feed_is_how_it_is(home: Home) -> None:
    assert _delivered(home, _file(1), _file(2)) == [("learnt", None, None)]


def test_a_column_nobody_maps_is_told_once_until_it_is_gone(home: Home) -> None:
    told = _delivered(home, _file(1), _file(2, "zone"), _file(3, "zone"), _file(4))
    assert told == [("learnt", None, None), ("changed", "zone", None), ("as_before", None, None)]


def test_it_comes_back_as_another_change(home: Home) -> None:
    told = _delivered(home, _file(1), _file(2, "zone"), _file(3), _file(4, "zone"))
    assert [state for state, *_ in told] == ["learnt", "changed", "as_before", "changed"]


def test_a_column_that_every_file_had_is_missed(home: Home) -> None:
    told = _delivered(home, *(_file(n) for n in range(1, 6)), _file(6, without="lot"))
    assert told == [("learnt", None, None), ("changed", None, "lot")]


def test_files_in_one_batch_are_judged_in_their_order(home: Home) -> None:
    for day, data in enumerate((_file(1), _file(2, "zone"), _file(3))):
        home.land(data, received_at=RECEIVED + timedelta(days=day))
    home.ingest()
    assert [state for state, *_ in home.rows(SHAPES)] == ["learnt", "changed", "as_before"]


def test_trying_quarantine_again_says_nothing_of_columns(home: Home) -> None:
    _delivered(home, _file(1), _file(2, "zone").replace(b",5,", b",many,"))
    before = home.rows(SHAPES)
    home.replay()
    assert home.rows(SHAPES) == before


_COLUMNS = st.frozensets(st.sampled_from("abcd"), max_size=4)


@given(st.lists(_COLUMNS, min_size=1, max_size=12))
@settings(deadline=None)
def test_a_change_is_open_exactly_while_files_have_what_is_new(files: list[frozenset]) -> None:
    feed, first, is_open = _Feed(0, set(), None, None), files[0], False
    for unknown in files:
        state = _state(feed, Shape(layout="x", known=frozenset({"k"}), unknown=unknown))
        feed.loads += 1
        is_open = {"changed": True, "as_before": False}.get(state or "", is_open)
        assert is_open == bool(unknown - first)
