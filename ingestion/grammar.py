"""Which text a value of each kind may be, as SQL over the text, before any cast.

Casts round, cut and guess in silence (`12.75` -> 13, `007` -> 7, an offset dropped), so a value is
cast only after its text has passed here. Null passes unless the column is required.
"""

from __future__ import annotations

from ingestion.records.schema import Column, Kind, Stream

MAX_ID_LENGTH = 512
_NUMBER = r"-?(?:0|[1-9][0-9]{0,13})(?:\.[0-9]{1,4}0*)?"
_WHOLE = r"-?(?:0|[1-9][0-9]{0,17})"
_TIME = (
    r"(?:19[7-9][0-9]|20[0-9]{2})-[01][0-9]-[0-3][0-9]"
    r" (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
)
_CONTROL = r"[\x00-\x1f\x7f]"

CODES: dict[Kind, str] = {
    Kind.ID: "bad_id",
    Kind.CODE: "bad_code",
    Kind.MONEY: "bad_money",
    Kind.QUANTITY: "bad_quantity",
    Kind.INTEGER: "bad_integer",
    Kind.TIME: "bad_time",
    Kind.BOOLEAN: "bad_boolean",
    Kind.JSON: "bad_json",
}


def text_check(column: Column) -> str | None:
    """SQL that is false for text the column may not hold; None when any text will do."""
    name = f'"{column.name}"'
    if column.kind is Kind.CODE:
        return _code_check(column, name)
    checks = {
        Kind.ID: f"(length({name}) <= {MAX_ID_LENGTH}"
        f" and not regexp_matches({name}, '{_CONTROL}'))",
        Kind.MONEY: f"regexp_full_match({name}, '{_NUMBER}')",
        Kind.QUANTITY: f"regexp_full_match({name}, '{_NUMBER}')",
        Kind.INTEGER: f"regexp_full_match({name}, '{_WHOLE}')",
        # The pattern lets 30 February through, the cast does not.
        Kind.TIME: f"(regexp_full_match({name}, '{_TIME}')"
        f" and try_cast({name} as timestamp) is not null)",
        Kind.BOOLEAN: f"{name} in ('true', 'false')",
        Kind.JSON: f"json_valid({name})",
    }
    return checks.get(column.kind)


def _code_check(column: Column, name: str) -> str:
    if column.codes:
        listed = ", ".join(f"'{code}'" for code in column.codes)
        return f"{name} in ({listed})"
    if column.name == "currency_code":
        return f"regexp_full_match({name}, '[A-Z]{{3}}')"
    return (
        f"(length({name}) <= 64 and {name} = lower({name})"
        f" and not regexp_matches({name}, '{_CONTROL}'))"
    )


def reason_sql(stream: Stream, given: set[str]) -> str:
    """SQL: null for a good row, else `code:column` of its first fault in column order."""
    passes, faults = [], []
    ids = [c.name for c in stream.columns if c.kind is Kind.ID and c.name in given]
    if ids:
        # One look at all identifiers together costs as much as one look at one of them.
        joined = ", ".join(f'"{name}"' for name in ids)
        limit = MAX_ID_LENGTH
        passes.append(f"not regexp_matches(concat({joined}), '{_CONTROL}')")
        passes.append(f"length(concat({joined})) <= {limit}")
    for column in stream.columns:
        fault, plain = _column_fault(column, given)
        faults += fault
        if plain and column.kind is not Kind.ID:
            passes.append(plain)
        if column.required:
            passes.append(f'"{column.name}" is not null' if column.name in given else "false")
    return (
        f"case when {' and '.join(passes) or 'true'} then null"
        f" else coalesce({', '.join(faults) or 'null'}, null) end"
    )


def _column_fault(column: Column, given: set[str]) -> tuple[list[str], str | None]:
    """(`case` per possible fault, condition of a good value)."""
    if column.name not in given:
        return ([f"'required_missing:{column.name}'"] if column.required else []), None
    faults = []
    if column.required:
        faults.append(
            f"case when \"{column.name}\" is null then 'required_missing:{column.name}' end"
        )
    check = text_check(column)
    if check is None:
        return faults, None
    code = CODES[column.kind]
    faults.append(f"case when not {check} then '{code}:{column.name}' end")
    return faults, f'("{column.name}" is null or {check})'


ENVELOPE_CHECKS = (
    Column(name="source_sequence", kind=Kind.INTEGER, note="the source's own version order"),
    Column(name="observed_at", kind=Kind.TIME, note="when the source said it"),
)
