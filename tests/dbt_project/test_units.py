"""dbt's own unit tests, and the macros of the dialect, run on DuckDB."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.dbt_project.fold import PROJECT, invoke
from tests.dbt_project.worlds import World

_MACROS = """
{%- set rows = "(values (1, 'b', timestamp '2026-03-08 10:00:30'),
    (2, 'a', timestamp '2026-03-08 10:02:29.5'), (3, null, timestamp '2026-03-09 00:00:00'))" -%}
select
    max({{ epoch_us('moment') }}) - min({{ epoch_us('moment') }}) as span_us,
    max({{ minutes_between("timestamp '2026-03-08 10:00:30'", 'moment') }}) as minutes,
    min({{ add_minutes('moment', '90') }}) as later,
    min({{ utc_to_local('moment', "'Asia/Shanghai'") }}) as local_at,
    min({{ local_to_utc('moment', "'America/New_York'") }}) as utc_at,
    min({{ iso_weekday('moment') }}) as monday, max({{ iso_weekday('moment') }}) as sunday,
    {{ joined_text('name', '+', 'number') }} as names,
    {{ last_by('name', ['number']) }} as last_name,
    {{ first_by('name', ['number']) }} as first_name,
    (select count(*) from ({{ day_rows('(select 1 as one)', "'2026-02-27'", "'2026-03-02'",
        ['one']) }}) as days) as day_count
from {{ rows }} as t(number, name, moment)
"""


def test_the_unit_tests_of_the_models_pass(truth: World) -> None:
    results = invoke(truth, "test", "--select", "test_type:unit", is_full=False)
    assert len(results.results) >= 10


def test_the_dialect_macros_mean_the_same_on_duckdb(truth: World) -> None:
    """The values every engine has to give; the traps are those of the scale-out notes."""
    result = invoke(truth, "show", "--inline", _MACROS, is_full=False)
    row = dict(
        zip(
            result.results[0].agate_table.column_names,
            result.results[0].agate_table.rows[0],
            strict=True,
        )
    )
    assert int(row["span_us"]) == (13 * 3600 + 59 * 60 + 30) * 1_000_000
    assert int(row["minutes"]) == 13 * 60 + 59  # whole minutes, not boundaries
    assert str(row["later"]).startswith("2026-03-08 11:30:30")
    assert str(row["local_at"]).startswith("2026-03-08 18:00:30")
    # Summer time began on the morning of 2026-03-08 in New York.
    assert str(row["utc_at"]).startswith("2026-03-08 14:00:30")
    assert (int(row["monday"]), int(row["sunday"])) == (1, 7)
    assert row["names"] == "b+a"
    assert (row["last_name"], row["first_name"]) == (None, "b")
    assert int(row["day_count"]) == 4


def _text_of(paths: Iterable[Path]) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(paths))


def test_every_dialect_macro_has_a_twin_and_a_use() -> None:
    text = _text_of((PROJECT / "macros/dialect").glob("*.sql"))
    duckdb = {part.split("(")[0] for part in text.split("macro duckdb__")[1:]}
    spark = {part.split("(")[0] for part in text.split("macro spark__")[1:]}
    assert duckdb == spark
    used = _text_of([*PROJECT.glob("models/**/*.sql"), *PROJECT.glob("macros/*.sql")])
    assert {name for name in duckdb if f"{name}(" not in used} == set()
    assert "default__" not in text
