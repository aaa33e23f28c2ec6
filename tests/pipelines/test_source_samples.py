"""Strange samples are answered in words; the same choices make the same source everywhere."""

from __future__ import annotations

import hashlib
import random
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ingestion.proposing import look_at, propose
from ingestion.proposing.answering import answer
from orderhouse.ledger import (
    AuditFilter,
    accepted_source,
    audit_rows,
    audit_verify,
    open_ledger,
)
from orderhouse.settings import Settings
from orderhouse.source_choices import BadDraft, Choices
from orderhouse.source_drafts import (
    answer_to,
    ask,
    bring,
    drafts,
    find_draft,
    read_sample,
)
from tests.ingestion.test_proposing import ORDERS, written
from tests.pipelines.test_source_drafts import accepted, brought, settings
from tests.support.homes import run_cli
from tests.support.people import NOW

__all__ = ["settings"]


def _bomb() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", b"a,b\n" + b"0,0\n" * (20 << 20))
    return packed.getvalue()


def _wide(columns: int) -> bytes:
    return ",".join(f"c{i}" for i in range(columns)).encode() + b"\n" + b"1," * (columns - 1) + b"1"


def _book() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (600 << 20))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_bomb(), "damaged"),
        (_book(), "unreadable_file"),
        (_wide(5_000), "too_many_columns"),
        (b"[" * 20_000, "broken_json"),
        (b'[{"a": ' + b"9" * 9_000 + b"}]", "broken_json"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"PAR1 cut", "damaged"),
        (b"\x00" * 500, "no_table"),
        (b"\x1f\x8b\x08 cut", "damaged"),
        (b"order no,order no\n1,2\n", "no_table"),
        (b"BZh91AY", "damaged"),
    ],
)
def test_hostile_samples_are_answered_in_words(settings: Settings, data: bytes, code: str) -> None:
    asked = brought(settings, data)
    assert answer(settings, asked)
    found = answer_to(settings, asked)
    assert found is not None and found.code == code, found


def test_rows_with_nuls_are_quarantined_and_the_rest_is_shown(settings: Settings) -> None:
    data = written(ORDERS) + b"A9,\x00,paid,X,1,CUP,1,1,1,,,no\n"
    asked = brought(settings, data)
    assert answer(settings, asked)
    found = answer_to(settings, asked)
    assert found is not None and found.is_good
    trial = found.found["trial"]
    assert (trial["read"], trial["recorded"], trial["quarantined"]) == (4, 3, 1)


@pytest.mark.parametrize(
    "name", ["../corner", "a/b", "", ".", "..", "Corner", "corner ", "a" * 41, "x\x00", "_x"]
)
def test_a_name_is_no_path(settings: Settings, name: str) -> None:
    draft = bring(settings, "../../etc/passwd", written(ORDERS), "u1", NOW)
    assert draft.file_name == "passwd"
    with pytest.raises(BadDraft):
        ask(settings, draft.draft_id, "propose", Choices(name=name), who="u1", now=NOW)
    assert find_draft(settings, f"../{draft.draft_id}") is None
    with pytest.raises(BadDraft):
        read_sample(settings, name)


def test_a_sample_over_the_limit_is_not_kept(settings: Settings) -> None:
    small = settings.model_copy(update={"sample_max_bytes": 100})
    with pytest.raises(BadDraft) as refused:
        bring(small, "a.csv", b"x" * 101, "u1", NOW)
    assert refused.value.code == "too_large"
    assert drafts(small) == []


HEADERS = st.sampled_from([*ORDERS[0], "column nobody has"])
FIELDS = st.sampled_from([
    "orders.buyer_remark", "orders.placed_at", "orders.currency_code", "orders.payable_amount",
    "order_lines.sku", "order_lines.quantity", "payments.paid_at", "payments.payment_status",
    "shipments.tracking_number", "shipments.shipment_id", "orders.channel_order_id",
])  # fmt: skip
WANTED = st.one_of(
    st.just("nothing"),
    HEADERS.map(lambda name: f"column:{name}"),
    st.text(max_size=12).map(lambda text: f"value:{text}"),
    st.sampled_from(["value:it's", "value:}{", 'value:"', "value: #x", "value:'; drop"]),
)


@given(fields=st.dictionaries(FIELDS, WANTED, max_size=4))
@effort(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_chosen_makes_a_mapping_or_is_refused_in_words(
    tmp_path: Path, fields: dict[str, str]
) -> None:
    from ingestion.mapping import parse_mapping
    from orderhouse.terms import terms_for

    try:
        text = propose("corner", look_at(written(ORDERS)), fields=fields).text
    except BadDraft as error:
        assert terms_for("zh").has(f"newsource.{error.code}")
        return
    parse_mapping("corner", text)


@pytest.mark.parametrize("seed", range(3))
def test_the_page_writes_byte_for_byte_what_the_command_writes(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    names = rng.sample(list(ORDERS[0]), len(ORDERS[0]))
    data = written([{name: row[name] for name in names} for row in ORDERS])
    fields = dict(rng.sample([
        ("orders.buyer_remark", "column:Gift wrap"), ("orders.currency_code", "value:EUR"),
        ("order_lines.product_name", "column:SKU"), ("payments.payment_status", "value:failed"),
        ("orders.status_raw", "nothing"), ("order_lines.line_kind", "value:it's 'fine'"),
    ], 3))  # fmt: skip
    choices = Choices(
        name=f"corner_{seed}", channel=rng.choice(["", "outlet"]), currency="CNY",
        zone=rng.choice(["", "Europe/Paris"]), fields=fields,
        streams=rng.choice([(), ("orders", "order_lines", "payments"), ("payments", "orders",
                                                                        "order_lines")]),
    )  # fmt: skip
    by_page = Settings(home=tmp_path / "page", now=NOW)
    draft = bring(by_page, "orders.csv", data, "u1", NOW)
    first = ask(by_page, draft.draft_id, "propose", choices, who="u1", now=NOW)
    answer(by_page, first)
    answer(by_page, accepted(by_page, first))

    sample, by_command = tmp_path / "orders.csv", tmp_path / "command"
    sample.write_bytes(data)
    options = [part for place, said in fields.items() for part in ("--field", f"{place}={said}")]
    for name in ("channel", "currency", "zone"):
        if value := getattr(choices, name):
            options += [f"--{name}", value]
    options += [part for stream in choices.streams for part in ("--stream", stream)]
    run_cli(by_command, "source", "new", choices.name, "--sample", str(sample), *options)
    told = Settings(home=by_command)  # type: ignore[call-arg]
    ledger = open_ledger(told.ledger_address)
    _, [entry] = audit_rows(ledger, AuditFilter(stream="source"))
    kept = accepted_source(ledger, entry.action_id)
    assert audit_verify(ledger).ok
    ledger.close()
    text = (by_command / "sources" / choices.name / "mapping.yml").read_bytes()
    assert (entry.actor_id, entry.verb) == ("console", "source_accept")
    assert kept is not None
    assert (kept.name, kept.mapping_sha256) == (choices.name, hashlib.sha256(text).hexdigest())

    written_by = [
        {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (home / "sources" / choices.name).iterdir()
        }
        for home in (by_page.root, by_command)
    ]
    assert written_by[0] == written_by[1]
    assert set(written_by[0]) == {"mapping.yml", "README.md"}


def test_a_source_made_on_the_page_is_loaded_like_any_other(settings: Settings) -> None:
    from ingestion.ingest import ingest

    takes = Choices(
        name="corner", zone="Asia/Shanghai", currency="CNY", shop="corner-main", takes_sample=True
    )
    first = brought(settings, choices=takes)
    answer(settings, first)
    answer(settings, accepted(settings, first))
    report = ingest(settings, datetime(2026, 11, 21, 9, 30))
    assert (report.files, report.quarantined, report.failed) == (1, 0, {})
    assert report.stream_rows == {"orders": 2, "order_lines": 3, "payments": 1}
