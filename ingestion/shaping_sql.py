"""The SQL that a mapping becomes: one statement per stream of a table.

Inside a statement the rows pass these steps, each a CTE: `base` (the rows with the table's `let`),
`exploded`, `prepared` (the stream's `let`, in stages), `chosen` (`where`), `valued` (the values as
text, blanks as null) and the final select, which adds the verdict of the grammar.
"""

# ruff: noqa: S608 - writing SQL is what this module is for; its parts come from mappings, which are
# configuration, and it runs on the locked-down engine only.

from __future__ import annotations

import re
from collections.abc import Iterable

from ingestion.grammar import ENVELOPE_CHECKS, reason_sql, text_check
from ingestion.macros import identifier, quoted
from ingestion.mapping import ENVELOPE_VALUES, Mapping, StreamMap, TableMap
from ingestion.records import STREAMS
from ingestion.records.schema import Kind

# `base` once it is kept in memory: all of it, or the rows that are still in play.
MADE = "base as (select * from made)"
MADE_LIVE = "base as (select * from made where _row in (select _row from rows))"

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def words(table: TableMap) -> set[str]:
    """Every name the expressions of a table mention: what is not among them is unused."""
    texts: list[str] = [table.skip, *table.occurrence, *table.let.values()]
    texts += [text for total in table.control_totals for text in (total.computed, total.stated)]
    for stream in table.streams:
        texts += [stream.where, stream.subject, *stream.explode.values(), *stream.let.values()]
        texts += [*stream.group_by, *stream.values.values()]
    return {word for text in texts for word in _WORD.findall(text)}


def base_sql(mapping: Mapping, table: TableMap, shop: str) -> str:
    """`base`: the rows with the shop, the parameters and the table's own expressions."""
    constants = [f"{quoted(shop)} as shop"]
    for name, value in mapping.parameters.items():
        text = "null::varchar" if value is None else quoted(str(value))
        constants.append(f"{text} as {name}")
    stages = _stages(table.let)
    first = [*constants, *stages[:1]]
    steps = [f"select *, {', '.join(first)} from rows"]
    steps += [f"select *, {stage} from base{number}" for number, stage in enumerate(stages[1:])]
    last = len(steps) - 1
    names = [f"base{number}" for number in range(last)] + ["base"]
    return ", ".join(f"{name} as ({step})" for name, step in zip(names, steps, strict=True))


def _stages(lets: dict[str, str]) -> list[str]:
    """Expressions, and apart from them those that build on them, and so on.

    DuckDB writes an expression again wherever its alias is used beside it: of a document that is
    put together once and asked twenty times it would put together twenty.
    """
    stages: list[list[str]] = []
    known: set[str] = set()
    for name, expression in lets.items():
        if not stages or known.intersection(_WORD.findall(expression)):
            stages.append([])
            known = set()
        stages[-1].append(f'{expression} as "{name}"')
        known.add(name)
    return [", ".join(stage) for stage in stages]


def cleaned_sql(names: Iterable[str]) -> str:
    """The named columns without what stands around their values."""
    cells = ", ".join(f"cell({identifier(name)}) as {identifier(name)}" for name in names)
    return f"select {cells} from rows"


def made_sql(base: str) -> str:
    """Keeps `base` in memory, so that its expressions run once and not once per stream."""
    return f"create or replace temp table made as with {base} select * from base"


def chosen_sql(base: str, stream: StreamMap) -> str:
    """The statement up to the rows a stream takes; ends in the CTE `chosen`."""
    steps, last = [base], "base"
    for number, (name, expression) in enumerate(stream.explode.items()):
        steps.append(
            f'exploded{number} as (select *, unnest({expression}) as "{name}", '
            f'generate_subscripts({expression}, 1) as "{name}_number" from {last})'
        )
        last = f"exploded{number}"
    for number, stage in enumerate(_stages(stream.let)):
        steps.append(f"prepared{number} as (select *, {stage} from {last})")
        last = f"prepared{number}"
    where = f" where {stream.where}" if stream.where else ""
    steps.append(f"chosen as (select * from {last}{where})")
    return "with " + ", ".join(steps)


def stream_sql(base: str, table: TableMap, stream: StreamMap) -> str:
    """One row per record: `_row`, the values as text, `_subject`, and `_reason` when it is bad."""
    steps = [chosen_sql(base, stream)]
    cells = set() if table.document else set(table.names())
    values = [
        f'{_value(expression, cells)} as "{name}"' for name, expression in stream.values.items()
    ]
    if stream.subject:
        values.append(f"({stream.subject})::varchar as _subject")
    if stream.group_by:
        # The record's place is that of its smallest row by content: the order of rows is no fact.
        content = ", ".join(f'"{name}"' for name in table.names())
        head = f"arg_min(_row, concat_ws(chr(31), {content})) as _row"
        tail = f" group by _f, {', '.join(stream.group_by)}"
    else:
        head, tail = "_row", ""
    steps.append(f"valued as (select {head}, {', '.join(values)} from chosen{tail})")
    return f"{', '.join(steps)} select *, {_reason(stream)} as _reason from valued"


def _value(expression: str, cells: set[str]) -> str:
    """The value as text without blanks at its ends; cells of tables are trimmed already."""
    if expression.strip() in cells:
        return f'"{expression.strip()}"'
    return f"nullif(trim(({expression})::varchar), '')"


def _reason(stream: StreamMap) -> str:
    reason = reason_sql(STREAMS[stream.stream], set(stream.values))
    for column in ENVELOPE_CHECKS:
        if column.name in stream.values and not _is_checked_elsewhere(column.name, stream):
            fault = "bad_time" if column.name == "observed_at" else "bad_integer"
            reason = (
                f'case when "{column.name}" is not null and not {text_check(column)}'
                f" then '{fault}:{column.name}' else {reason} end"
            )
    return reason


def occurrence_sql(table: TableMap) -> str:
    """Two hashes per row: of the columns that make rows equal, and of everything."""
    equal = ", ".join(f'"{name}"' for name in table.occurrence)
    whole = ", ".join(f'"{name}"' for name in table.names())
    return f"select _row, hash({equal}) as same, hash({whole}) as content from rows"


def skipped_sql(base: str, table: TableMap) -> str:
    """The rows that are no facts."""
    return f"with {base} select _row from base where {table.skip}"


def taken_sql(base: str, stream: StreamMap) -> str:
    """The rows a stream takes, without looking at their values."""
    return f"{chosen_sql(base, stream)} select _row from chosen"


def total_sql(base: str, computed: str) -> str:
    """An aggregate per file."""
    return f"with {base} select _f, ({computed})::varchar from base group by _f"


def _is_checked_elsewhere(name: str, stream: StreamMap) -> bool:
    """Whether the same expression is checked as a time of the stream."""
    times = {c.name for c in STREAMS[stream.stream].columns if c.kind is Kind.TIME}
    return any(stream.values.get(time) == stream.values[name] for time in times)


def group_members_sql(base: str, stream: StreamMap, rows: Iterable[int]) -> str:
    """Every row of the groups that the given rows stand for."""
    keys = ", ".join(["_f", *stream.group_by])
    listed = ", ".join(str(int(row)) for row in rows)
    return (
        f"{chosen_sql(base, stream)} select _row from chosen where ({keys}) in "
        f"(select ({keys}) from chosen where _row in ({listed}))"
    )


def unused_sql(base: str, table: TableMap, unused: list[str]) -> str:
    """Per row the JSON of what no expression mentions: readable and to be sealed."""
    kept = [name for name in unused if name.removeprefix("?") in table.keep]
    sealed = [name for name in unused if name not in kept]
    return (
        f"with {base}, said as (select _row, {_as_json(kept)} as kept, {_as_json(sealed)}"
        " as sealed from base) select * from said where kept is not null or sealed is not null"
    )


def _as_json(names: list[str]) -> str:
    if not names:
        return "null::varchar"
    pairs = ", ".join(f"{quoted(name.removeprefix('?'))}, {identifier(name)}" for name in names)
    # Merging into an empty object drops the nulls.
    return f"nullif(json_merge_patch('{{}}', json_object({pairs}))::varchar, '{{}}')"


def given_columns(stream: StreamMap) -> list[str]:
    """Columns of the stream that have an expression, without those of the envelope."""
    return [name for name in stream.values if name not in ENVELOPE_VALUES]
