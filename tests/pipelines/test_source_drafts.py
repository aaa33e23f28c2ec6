"""The folder through which the app asks about samples: answered once, whoever dies or hurries."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import zipfile
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ingestion.proposing import look_at, propose
from ingestion.proposing.answering import answer
from orderhouse.ledger import Accepted, Denied, Ledger, open_ledger, record_source
from orderhouse.privacy import open_privacy
from orderhouse.privacy.vault import Unreadable
from orderhouse.settings import PROJECT_ROOT, Settings
from orderhouse.source_drafts import Answer as Told
from orderhouse.source_drafts import (
    Ask,
    BadDraft,
    Choices,
    answer_to,
    ask,
    bring,
    drafts,
    find_draft,
    keep_answer,
    read_sample,
    sweep,
    waiting,
)
from pipelines import proposals
from pipelines.proposals import answer_drafts
from tests.ingestion.test_proposing import ORDERS, written
from tests.support.homes import run_cli
from tests.support.people import CHEAP, NOW, add_person, signed_in

CORNER = Choices(name="corner", zone="Asia/Shanghai", currency="CNY")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", now=NOW)


def brought(settings: Settings, data: bytes | None = None, choices: Choices = CORNER) -> Ask:
    draft = bring(settings, "orders.csv", data or written(ORDERS), "u1", NOW)
    return ask(settings, draft.draft_id, "propose", choices, who="u1", now=NOW)


def accepted(settings: Settings, asked: Ask, role: str = "data_team") -> Ask:
    """What the app does when somebody accepts the newest answer."""
    found = answer_to(settings, asked)
    assert found is not None and found.is_good, found
    ledger = open_ledger(settings.ledger_address, passwords=CHEAP)
    try:
        login = f"{role.replace('_', '-')}-{asked.draft_id[-6:]}"
        add_person(ledger, login, role)
        choices = asked.choices
        said = Accepted(
            name=choices.name, key=asked.draft_id, replaces=choices.replaces,
            mapping_sha256=found.found["mapping_sha256"],
            shop=choices.shop if choices.takes_sample else "",
        )  # fmt: skip
        action_id = record_source(ledger, signed_in(ledger, login), said, now=NOW)
    finally:
        ledger.close()
    return ask(
        settings, asked.draft_id, "accept", choices, who="u1", now=NOW, after=asked.number,
        action_id=action_id,
    )  # fmt: skip


def test_a_question_is_answered_once_in_a_process_of_its_own(settings: Settings) -> None:
    asked = brought(settings)
    assert answer_drafts(settings) == 1
    assert answer_drafts(settings) == 0
    found = answer_to(settings, asked)
    assert found is not None and found.found["trial"]["records"]["order_lines"] == 3
    assert not keep_answer(settings, asked, Told(code="died"))
    assert answer_to(settings, asked) == found


def test_a_sample_lies_encrypted_and_its_answer_names_nobody(settings: Settings) -> None:
    people = [b"13800000000", b"13900000000", b"Ann"]
    rows = [row | {"Comment": f"call {row['Phone']}"} for row in ORDERS]
    asked = brought(settings, written(rows))
    assert answer(settings, asked)
    found = answer_to(settings, asked)
    assert found is not None and found.is_good
    for path in settings.root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert [person for person in people if person in data] == [], path


def test_personal_data_in_a_wrong_place_is_not_shown(settings: Settings) -> None:
    """Somebody maps the telephone to a free text, and the customer to a number."""
    wrong = {"orders.cancel_reason": "column:Phone", "orders.status_raw": "column:Customer"}
    asked = brought(settings, choices=Choices(name="corner", fields=wrong))
    assert answer(settings, asked)
    found = answer_to(settings, asked)
    assert found is not None and found.is_good
    shown = found.found["trial"]["examples"]["orders"][0]
    assert shown["status_raw"] == "•••"
    assert "13800000000" not in str(found.found["trial"])


def test_a_worker_that_is_killed_leaves_the_question_to_the_next(settings: Settings) -> None:
    asked = brought(settings)
    script = (
        "import sys; from orderhouse.settings import get_settings as s;"
        "from orderhouse.source_drafts import waiting;"
        "from ingestion.proposing.answering import answer;"
        "[answer(s(), one) for one in waiting(s())]"
    )
    for point in ("drafts.before_answer:1", "drafts.after_work:1"):
        died = subprocess.run(
            [sys.executable, "-c", script], cwd=PROJECT_ROOT, check=False, capture_output=True,
            env=os.environ | {
                "ORDERHOUSE_HOME": str(settings.root), "ORDERHOUSE_NOW": NOW.isoformat(),
                "ORDERHOUSE_FAILPOINT": point,
            },
        )  # fmt: skip
        assert died.returncode == -signal.SIGKILL, died.stderr
        assert waiting(settings) == [asked]
    assert answer_drafts(settings) == 1
    assert waiting(settings) == []


@pytest.mark.parametrize("point", ["drafts.after_write:1", "drafts.after_answer:1"])
def test_an_acceptance_cut_off_anywhere_ends_as_one_source(settings: Settings, point: str) -> None:
    first = brought(settings)
    answer(settings, first)
    asked = accepted(settings, first)
    script = (
        "from orderhouse.settings import get_settings as s;"
        "from orderhouse.source_drafts import waiting;"
        "from ingestion.proposing.answering import answer;"
        "[answer(s(), one) for one in waiting(s())]"
    )
    died = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, check=False, capture_output=True,
        env=os.environ | {
            "ORDERHOUSE_HOME": str(settings.root), "ORDERHOUSE_NOW": NOW.isoformat(),
            "ORDERHOUSE_FAILPOINT": point,
        },
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr
    answer_drafts(settings)
    answer_drafts(settings)
    found = answer_to(settings, asked)
    assert found is not None and found.is_good, found
    assert (settings.sources_dir / "corner" / "mapping.yml").exists()
    with pytest.raises(BadDraft):
        read_sample(settings, asked.draft_id)


def test_a_sample_that_kills_its_reader_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = brought(settings)
    dying = settings.model_copy(update={"failpoint": "drafts.before_answer:1"})
    monkeypatch.setenv("ORDERHOUSE_FAILPOINT", "drafts.before_answer:1")
    monkeypatch.setenv("ORDERHOUSE_HOME", str(settings.root))
    assert answer_drafts(dying) == 1
    found = answer_to(settings, asked)
    assert found is not None and found.code == "died"


def test_a_sample_that_takes_for_ever_is_given_up(settings: Settings) -> None:
    asked = brought(settings)
    hurried = settings.model_copy(update={"sample_seconds": 0})
    assert answer_drafts(hurried) == 1
    found = answer_to(settings, asked)
    assert found is not None and found.code == "too_slow"
    assert answer_drafts(settings) == 0


def test_a_question_begun_twice_in_vain_is_not_begun_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = brought(settings)
    begun: list[Ask] = []
    monkeypatch.setattr(proposals, "_in_a_child", lambda _, one: begun.append(one) or "")
    for _ in range(4):
        answer_drafts(settings)
    found = answer_to(settings, asked)
    assert len(begun) == 2
    assert found is not None and found.code == "died"


def test_of_two_who_ask_at_once_one_is_told(settings: Settings) -> None:
    asked = brought(settings)
    for turn in range(1, 6):
        said: list[str] = []
        gate = threading.Barrier(4)

        def try_it(who: str, after: int = turn, told: list[str] = said, at=gate) -> None:
            at.wait()
            try:
                ask(
                    settings, asked.draft_id, "propose", CORNER, who=who, now=NOW, after=after
                )  # fmt: skip
                told.append("asked")
            except BadDraft as error:
                told.append(error.code)

        people = [threading.Thread(target=try_it, args=(f"u{n}",)) for n in range(4)]
        for one in people:
            one.start()
        for one in people:
            one.join()
        assert sorted(said) == ["asked", "overtaken", "overtaken", "overtaken"]


def test_two_users_with_samples_of_their_own_do_not_meet(settings: Settings) -> None:
    first = brought(settings)
    second = brought(settings, choices=Choices(name="outlet", zone="Asia/Shanghai"))
    assert answer_drafts(settings) == 2
    for asked in (accepted(settings, first), accepted(settings, second)):
        answer(settings, asked)
        found = answer_to(settings, asked)
        assert found is not None and found.is_good
    assert sorted(path.name for path in settings.sources_dir.iterdir()) == ["corner", "outlet"]


def test_of_two_who_want_one_name_the_later_is_told(settings: Settings) -> None:
    other = Choices(name="corner", zone="Asia/Shanghai", currency="EUR")
    first, second = brought(settings), brought(settings, choices=other)
    for asked in (first, second):
        answer(settings, asked)
    one, later = accepted(settings, first), accepted(settings, second)
    answer(settings, one)
    text = (settings.sources_dir / "corner" / "mapping.yml").read_bytes()
    answer(settings, later)
    found = answer_to(settings, later)
    assert found is not None and found.code == "name_taken"
    assert (settings.sources_dir / "corner" / "mapping.yml").read_bytes() == text


def test_only_what_the_ledger_knows_is_written(settings: Settings) -> None:
    first = brought(settings)
    answer(settings, first)
    forged = ask(
        settings, first.draft_id, "accept", CORNER, who="u1", now=NOW, after=1, action_id="a-x"
    )  # fmt: skip
    answer(settings, forged)
    found = answer_to(settings, forged)
    assert found is not None and found.code == "not_decided"
    assert not settings.sources_dir.exists()


def test_what_was_accepted_is_what_was_on_screen(settings: Settings) -> None:
    """An acceptance of one mapping does not write another."""
    first = brought(settings)
    answer(settings, first)
    asked = accepted(settings, first)
    other = Ask(**{
        **{name: getattr(asked, name) for name in asked.__slots__},
        "number": 3, "choices": Choices(name="corner", zone="Europe/Paris", currency="EUR"),
    })  # fmt: skip
    answer(settings, other)
    found = answer_to(settings, other)
    assert found is not None and found.code == "not_decided"


@pytest.mark.parametrize("role", ["admin", "analyst", "ops_lead", "finance"])
def test_another_post_may_not_accept(settings: Settings, role: str) -> None:
    ledger: Ledger = open_ledger(settings.ledger_address, passwords=CHEAP)
    add_person(ledger, "somebody", role)
    said = Accepted(name="corner", key="k", mapping_sha256="0" * 64)
    with pytest.raises(Denied):
        record_source(ledger, signed_in(ledger, "somebody"), said, now=NOW)
    ledger.close()


def test_a_sample_is_shredded_when_its_time_is_up(settings: Settings) -> None:
    asked = brought(settings)
    late = NOW + timedelta(hours=settings.sample_hours, seconds=1)
    assert sweep(settings, NOW + timedelta(hours=settings.sample_hours)) == 0
    assert sweep(settings, late) == 1
    assert drafts(settings) == [] and waiting(settings) == []
    privacy = open_privacy(settings)
    with pytest.raises(Unreadable):
        privacy.vault.file_key(asked.draft_id)
    privacy.vault.close()


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
