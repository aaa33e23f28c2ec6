"""Answering what the app asks about a sample: propose and try, or write what was accepted.

What is asked comes from a folder, so an acceptance counts only when the ledger knows it. Nothing an
answer says holds personal data.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import structlog

from ingestion.errors import LandingError, MappingError
from ingestion.landing import Landing
from ingestion.mapping import parse_mapping
from ingestion.proposing.describing import Hiding, describe
from ingestion.proposing.keeping import check_free, write_source
from ingestion.proposing.propose import NoStream, Proposal, proposed
from ingestion.proposing.sample import Sample, Unreadable, look_at
from ingestion.proposing.trying import try_out
from orderhouse.failpoints import reach
from orderhouse.ledger import accepted_source, open_ledger
from orderhouse.privacy import open_privacy
from orderhouse.settings import Settings
from orderhouse.source_choices import BadDraft
from orderhouse.source_drafts import (
    Answer,
    Ask,
    find_draft,
    keep_answer,
    read_sample,
    shred,
)

log = structlog.get_logger()


def answer(settings: Settings, asked: Ask) -> bool:
    """Answer one question for good; False where somebody had answered it."""
    reach("drafts.before_answer")
    found = _answered(settings, asked)
    reach("drafts.after_work")
    is_kept = keep_answer(settings, asked, found)
    reach("drafts.after_answer")
    if asked.wish == "accept" and found.is_good:
        shred(settings, asked.draft_id)
    log.info("draft answered", draft=asked.draft_id, number=asked.number, code=found.code or "good")
    return is_kept


def _answered(settings: Settings, asked: Ask) -> Answer:
    try:
        data = read_sample(settings, asked.draft_id)
        sample = look_at(data)
        proposal = proposed(settings, asked.choices, sample)
    except BadDraft as error:
        return Answer(code=error.code, fields=error.fields)
    except NoStream:
        return Answer(code="no_stream")
    except Unreadable as error:
        return Answer(code=error.code, about=str(error)[:300])
    work = _accept if asked.wish == "accept" else _propose
    try:
        return Answer(found=work(settings, asked, data, sample, proposal))
    except BadDraft as error:
        return Answer(code=error.code, fields=error.fields)
    except (MappingError, LandingError) as error:
        about = Hiding(sample, proposal).text(str(error))
        return Answer(code="bad_mapping", about=about[:300])


def _propose(
    settings: Settings, asked: Ask, data: bytes, sample: Sample, proposal: Proposal
) -> dict[str, Any]:
    name = asked.choices.name
    trial = try_out(
        name, proposal.text, data, now=settings.clock(), within=settings.drafts_dir
    )  # fmt: skip
    found = describe(sample, proposal, trial, asked.choices.fields)
    try:
        check_free(settings.sources_dir, name)
    except BadDraft as error:
        found["taken"] = error.code
    return found


def _accept(
    settings: Settings, asked: Ask, data: bytes, _sample: Sample, proposal: Proposal
) -> dict[str, Any]:
    choices, draft = asked.choices, find_draft(settings, asked.draft_id)
    if draft is None:
        raise BadDraft("expired", hours=settings.sample_hours)
    _check_decided(settings, asked, proposal)
    parse_mapping(choices.name, proposal.text)
    paths = write_source(
        settings.sources_dir, choices.name, proposal, draft.file_name, replaces=choices.replaces
    )
    reach("drafts.after_write")
    found: dict[str, Any] = {
        "name": choices.name,
        "written": [str(Path(path).relative_to(settings.root)) for path in paths],
        "landed": 0,
        "refused": "",
    }
    if choices.takes_sample:
        try:
            found["landed"] = len(_land(settings, asked, data, draft.file_name))
        except LandingError as error:
            found["refused"] = error.problem[:300]
    return found


def _check_decided(settings: Settings, asked: Ask, proposal: Proposal) -> None:
    """Whether somebody who may has accepted exactly this, by the ledger."""
    ledger = open_ledger(settings.ledger_address)
    try:
        accepted = accepted_source(ledger, asked.action_id)
    finally:
        ledger.close()
    choices = asked.choices
    said = (
        choices.name, hashlib.sha256(proposal.text.encode()).hexdigest(),
        choices.shop if choices.takes_sample else "", choices.replaces,
    )  # fmt: skip
    if accepted is None or said != (
        accepted.name, accepted.mapping_sha256, accepted.shop, accepted.replaces,
    ):  # fmt: skip
        raise BadDraft("not_decided")


def _land(settings: Settings, asked: Ask, data: bytes, file_name: str) -> list[str]:
    privacy = open_privacy(settings)
    try:
        return Landing(settings.landing_dir, privacy).land_bytes(
            file_name, data, source=asked.choices.name, shop=asked.choices.shop,
            received_at=settings.clock(),
        )  # fmt: skip
    finally:
        privacy.vault.close()
