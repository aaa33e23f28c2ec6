"""The vocabulary of mappings: small functions over text, for `values` in a `mapping.yml`.

Each takes text and gives text. What it does not understand it gives back unchanged, so that the
grammar of the column sees the original and the record goes to quarantine instead of being guessed.
Cells of tables come trimmed, `="..."` unwrapped, and null where they are empty; values inside JSON
come as they are.

    cell(x)           without blanks at the ends; '' -> null
    bare(x)           also without a leading back-tick or apostrophe
    code(x)           in lower case; capitals(x) in upper case
    money(x)          amount without currency signs, thousands separators, accountants' brackets
    number(x)         like money, also without a trailing unit such as 件
    whole(x)          17850.0 -> 17850
    negated(x)        the number with the other sign; absolute(x) without sign
    exact(x)          the number as a decimal, for aggregates; rendered(d) a decimal as text
    product(a, b)     exact product; total(a, b) exact sum; difference(a, b)
    local(x)          naive local time of the source's zone -> UTC; offsets in the text win
    local_in(x, zone) the same in a named zone
    utc(x)            time with offset or Z, or naive UTC -> UTC
    unix(x)           seconds since 1970 -> UTC
    minor(x, code)    an amount in the smallest coins of a currency -> in the currency
    summed(list)      exact sum of a list of texts
    latest(list)      the last of several times
    nodes(x)          the elements of a GraphQL connection or list; gid(x) the number of a global id
    house_refund(x)   the number of a refund decided in the house, if the text has one
    shop_id(x)        <shop>-<x>: an identifier that is unique across channels
    digest(x)         eight hex characters of its md5; digest12(x) twelve
    truth(x)          1/0, true/false, yes/no, 是/否 -> true/false
    picked(x, map)    map[x], null when the map does not have it
    device(x)         what a browser calls itself -> mobile or pc
    named(list, name) the value of the {key, value} of that name in a JSON list
    scrubbed(x)       free text without telephone numbers, cards, mail addresses
    remark_topics(x)  what a remark asks for, as codes with commas
    pieces(x)         a cell that holds several values, split at , ; / 、 and blanks

Local times and daylight saving: a time in the gap in spring is read with the offset before the gap,
a time that happens twice in autumn is read as the second one, in standard time. `zone_assumed` and
the original in the landed file say what was done.
"""

from __future__ import annotations

from ingestion.remarks import topics_macro
from orderhouse.coins import THOUSANDTHS, WHOLE

_FORMATS = (
    "'%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M:%S.%f', "
    "'%Y/%m/%d %H:%M:%S', '%Y-%m-%d %H:%M', '%Y/%m/%d %H:%M', '%Y-%m-%d', '%Y/%m/%d', "
    "'%Y年%m月%d日 %H:%M:%S', '%Y年%m月%d日'"
)
_OFFSET = r".*[0-9](?:Z|[+-][0-9]{2}:?[0-9]{2})"
_PLAIN = r"[0-9]{4}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"

# DuckDB reads the blanks from the text itself, so the characters are put in as they are.
_TRIM = f"' {chr(9)}{chr(13)}{chr(10)}\u00a0\u3000\ufeff'"

# What a cell may have at its edges that is not its value; cheap to look for, dear to remove.
EDGES = r"^$|^[\s=\x{00a0}\x{3000}\x{feff}]|[\s\x{00a0}\x{3000}\x{feff}]$"

COMMON: tuple[str, ...] = (
    f"""trimmed(x) as nullif(trim(case when x like '="%"' then x[3:-2] else x end, {_TRIM}), '')""",
    f"cell(x) as case when regexp_matches(x, '{EDGES}') then trimmed(x) else x end",
    "bare(x) as case when x[1] in ('`', chr(39)) then trimmed(x[2:]) else cell(x) end",
    "code(x) as lower(x)",
    "capitals(x) as upper(x)",
    r"""signless(x) as ltrim(regexp_replace(trim(regexp_replace(
        regexp_replace(bare(x), '(?:元|RMB|CNY)$', ''), '^([-+]?)\s*[¥￥$€£]\s*', '\1')),
        '^\+', ''), ' ')""",
    # (12.00) is minus twelve; 1,653.75 is a number only where every group has three digits. The
    # lambda gives the text a name: macros are pasted, and what is mentioned twice is planned twice.
    r"""tidied(x) as list_transform([regexp_replace(signless(x), '^\(([0-9.,]+)\)$', '-\1')],
        lambda t: case when regexp_full_match(t, '[-+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?')
        then replace(t, ',', '') else t end)[1]""",
    r"""money(x) as case when regexp_full_match(x, '-?[0-9]+(?:\.[0-9]+)?') then x
        else tidied(x) end""",
    r"""number(x) as case when regexp_full_match(x, '-?[0-9]+(?:\.[0-9]+)?') then x
        else tidied(regexp_replace(x, '(?:件|个|盒|pcs)$', '')) end""",
    r"""whole(x) as case when ends_with(x, '.0') then x[:-3] when contains(x, '.')
        then regexp_replace(x, '\.0+$', '') else x end""",
    r"""is_number(x) as regexp_full_match(x, '-?[0-9]{1,14}(?:\.[0-9]{1,4}0*)?')""",
    "exact(x) as try_cast(x as decimal(18, 4))",
    "negated(x) as case when is_number(x)"
    " then case when x[1] = '-' then x[2:] else '-' || x end else x end",
    "absolute(x) as case when is_number(x) then ltrim(x, '-') else x end",
    # Trailing zeros of the exact result would look like decimals that do not fit.
    r"""rendered(d) as case when contains(d::varchar, '.')
        then rtrim(rtrim(d::varchar, '0'), '.') else d::varchar end""",
    """product(a, b) as case when a is null or b is null then null
        when is_number(a) and is_number(b)
        then rendered(exact(a) * exact(b)) else a || '*' || b end""",
    """total(a, b) as case when a is null then b when b is null then a
        when is_number(a) and is_number(b)
        then rendered(exact(a) + exact(b)) else a || '+' || b end""",
    "difference(a, b) as total(a, negated(b))",
    f"""parsed_time(x) as case when regexp_full_match(x, '{_PLAIN}')
        then try_cast(x as timestamp) else try_strptime(x, [{_FORMATS}]) end""",
    f"has_offset(x) as regexp_full_match(x, '{_OFFSET}')",
    "with_offset(x) as timezone('UTC', try_cast(replace(x, 'T', ' ') as timestamptz))",
    """odd_utc(x) as coalesce(case when has_offset(x) then with_offset(x)
        else parsed_time(x) end::varchar, x)""",
    """odd_local(x, zone) as coalesce(case when has_offset(x) then with_offset(x)
        else timezone('UTC', timezone(zone, parsed_time(x))) end::varchar, x)""",
    f"""utc(x) as case when regexp_full_match(x, '{_PLAIN}') then coalesce(
        try_cast(x as timestamp)::varchar, x) else odd_utc(cell(x)) end""",
    f"""local_in(x, zone) as case when regexp_full_match(x, '{_PLAIN}') then coalesce(
        timezone('UTC', timezone(zone, try_cast(x as timestamp)))::varchar, x)
        else odd_local(cell(x), zone) end""",
    r"""unix(x) as case when regexp_full_match(x, '[0-9]{1,10}')
        then make_timestamp(try_cast(x as bigint) * 1000000)::varchar else x end""",
    rf"""minor(x, currency) as case when not regexp_full_match(x, '-?[0-9]{{1,14}}') then x
        when upper(currency) in {WHOLE} then x
        when upper(currency) in {THOUSANDTHS}
        then (x::decimal(18, 4) / 1000)::decimal(18, 3)::varchar
        else (x::decimal(18, 4) / 100)::decimal(18, 2)::varchar end""",
    # Free text in a column that is not sealed: telephone numbers, cards and addresses of mail go.
    r"""scrubbed(x) as case when regexp_matches(x, '[0-9]{6}|@|[0-9][- ][0-9]{3}')
        then regexp_replace(regexp_replace(x, '[^\s@]+@[^\s@]+', '***', 'g'),
        '\+?[0-9](?:[- ]?[0-9]){5,}', '***', 'g') else x end""",
    "latest(times) as list_max(times)",
    # GraphQL: a list comes as it is, as nodes or as edges around nodes; ids name their kind.
    """nodes(x) as case when json_type(x) = 'ARRAY' then json_extract(x, '$[*]')
        when x is null then []::json[] else list_concat(json_extract(x, '$.nodes[*]'),
        json_extract(x, '$.edges[*].node')) end""",
    r"gid(x) as nullif(regexp_extract(x, '^gid://[a-z]+/[A-Za-z]+/([0-9]+)', 1), '')",
    "house_refund(x) as nullif(regexp_extract(x, 'OHR-[0-9A-F]{12}'), '')",
    "digest(x) as left(md5(x), 8)",
    "digest12(x) as left(md5(x), 12)",
    # Sums of the texts of a JSON list; null of an empty list, the first odd text if there is one.
    """summed(texts) as case when len(texts) = 0 then null
        else coalesce(list_filter(texts, lambda t: not is_number(t))[1],
        rendered(list_sum(list_transform(texts, lambda t: exact(t))))) end""",
    """truth(x) as case
        when lower(x) in ('1', 'true', 'yes', 'y', 't', '是') then 'true'
        when lower(x) in ('0', 'false', 'no', 'n', 'f', '否') then 'false' else x end""",
    "picked(x, choices) as choices[x]",
    r"""device(x) as case when regexp_matches(x, 'Mobi|Android|iPhone|iPad') then 'mobile'
        when regexp_matches(x, 'Mozilla|Opera') then 'pc' end""",
    """named(x, name) as list_transform(list_filter(json_extract(x, '$[*]'),
        lambda m: m->>'$.key' = name), lambda m: cell(m->>'$.value'))[1]""",
    topics_macro(),
    r"""pieces(x) as list_filter(string_split_regex(coalesce(x, ''),
        '[,;/、，；\s]+'), lambda piece: piece <> '')""",
)

FIXED_OFFSETS = {"UTC": 0, "Asia/Shanghai": 8}


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A SQL name: headers of files may hold anything."""
    return '"' + name.replace('"', '""') + '"'


def shop_macros(shop: str, zone: str | None) -> tuple[str, ...]:
    """The macros whose meaning depends on the shop and its source."""
    if zone is None:
        local = "local(x) as utc(x)"
    elif zone in FIXED_OFFSETS:
        # China has had no daylight saving since 1991; subtracting is five times faster.
        hours = FIXED_OFFSETS[zone]
        local = f"""local(x) as case when regexp_full_match(x, '{_PLAIN}')
            then coalesce((case when x >= '1992' then try_cast(x as timestamp)
                - interval '{hours} hours' else timezone('UTC', timezone({quoted(zone)},
                try_cast(x as timestamp))) end)::varchar, x)
            else local_in(x, {quoted(zone)}) end"""
    else:
        local = f"local(x) as local_in(x, {quoted(zone)})"
    return (local, f"shop_id(x) as {quoted(shop + '-')} || x")
