"""Tickets of a service desk: what they are about, when they were settled, how they were rated."""

from __future__ import annotations

import json

from tests.ingestion.conftest import Home


def ticket(number: int, *tags: str, **given: object) -> dict[str, object]:
    values = {
        "id": number, "created_at": "2026-10-01T10:00:00Z", "updated_at": "2026-10-02T10:00:00Z",
        "status": "open", "subject": "Where is it? Call 13800000000", "tags": list(tags),
        "priority": "normal", "external_id": None,
    }  # fmt: skip
    return values | given


def test_tags_say_what_a_ticket_is_about_and_solving_it_is_a_second_event(home: Home) -> None:
    tickets = [
        ticket(1, "complaint", "order_77", status="solved", assignee_id=9,
               satisfaction_rating={"score": "bad"}),
        ticket(2, "not_received", external_id="78"),
        ticket(3, "something", priority="urgent"),
        ticket(4, "complaint", "media"),
        ticket(5, status="deleted"),
    ]  # fmt: skip
    home.land(json.dumps({"tickets": tickets}).encode(), source="zendesk")
    report = home.ingest()
    assert (report.recorded, report.skipped, report.quarantined) == (4, 1, 0)
    assert home.rows(
        "select contact_kind, order_id, level, score::int from records.contacts order by contact_id"
    ) == [
        ("complaint", "s1-77", "normal", None),
        ("satisfaction_scored", "s1-77", None, 1),
        ("complaint_resolved", "s1-77", None, None),
        ("not_received", "s1-78", None, None),
        ("enquiry", None, None, None),
        ("complaint", None, "major", None),
    ]
    # What a buyer wrote is nowhere in clear.
    assert home.rows("select count(*) from records.contacts where note_masked like '%138%'") == [
        (0,)
    ]
    home.check_accounts()
