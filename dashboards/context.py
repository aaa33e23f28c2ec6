"""Who is looking, in which language, at which build: made anew for every run of a page.

Each view begins with `require(<page>)`. Hiding a page from the menu is a courtesy; this check is
the rule, and `act` checks again when something is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards.components.format import Format
from dashboards.labels import Labels
from dashboards.reader import Reader
from dashboards.warehouse import NoSnapshot, Snapshot, current_snapshot
from dashboards.words import Words
from orderhouse.access import Policy, get_policy
from orderhouse.ledger import Ledger, Session, open_ledger, session_for
from orderhouse.settings import Settings, get_settings
from orderhouse.terms import LANGUAGES, Terms, terms_for

COOKIE = "orderhouse_session"
SECURE_COOKIE = "__Host-orderhouse"


class SignedOut(Exception):
    """No living session: the sign-in page is the answer."""


class NotAllowed(Exception):
    """Signed in, but the page belongs to another post."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Everything a page may use. `reader` already knows what its user may see."""

    settings: Settings
    policy: Policy
    ledger: Ledger
    session: Session
    terms: Terms
    now: datetime

    @property
    def snapshot(self) -> Snapshot:
        return current_snapshot(self.settings)

    @property
    def reader(self) -> Reader:
        return Reader(self.snapshot, self.policy, self.session.roles, self.session.shops)

    @property
    def language(self) -> str:
        return self.terms.language

    @cached_property
    def fmt(self) -> Format:
        return Format(self.language, self.zone)

    @cached_property
    def labels(self) -> Labels:
        """Of the build the run began with: asked for at every cell, and one page is one build."""
        try:
            return Labels(self.terms, self.snapshot)
        except NoSnapshot:
            return Labels(self.terms, None)

    @cached_property
    def words(self) -> Words:
        """How reports are written for this reader."""
        return Words(
            terms=self.terms,
            fmt=self.fmt,
            labels=self.labels,
            reporting_currency=self.settings.reporting_currency,
        )

    @property
    def today(self) -> date:
        """The business day it is now in the reporting zone."""
        return self.fmt.local(self.now).date()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.reporting_zone)

    def sees(self, kind: str) -> bool:
        return self.policy.sees(self.session.roles, kind)

    def may(self, verb: str, queue_code: str | None = None) -> bool:
        return self.policy.role_for(self.session.roles, verb, queue_code) is not None


@st.cache_resource(show_spinner=False)
def _ledger(address: str) -> Ledger:
    return open_ledger(address)


def ledger_of(settings: Settings) -> Ledger:
    """The process's ledger."""
    return _ledger(settings.ledger_address)


def request_token() -> str | None:
    """The session token the browser sent with the page."""
    cookies = st.context.cookies
    return cookies.get(SECURE_COOKIE) or cookies.get(COOKIE)


def current() -> Context:
    """The context of this run.

    Raises:
        SignedOut: nobody is signed in any more.
    """
    settings = get_settings()
    now, ledger = settings.clock(), ledger_of(settings)
    session = session_for(ledger, request_token(), now)
    if session is None:
        raise SignedOut
    return Context(
        settings=settings,
        policy=get_policy(),
        ledger=ledger,
        session=session,
        terms=terms_for(language(session, settings)),
        now=now,
    )


def language(session: Session | None, settings: Settings) -> str:
    """The reader's language: of the link, else chosen, else of the account, else of the house."""
    asked = st.query_params.get("lang")
    if asked in LANGUAGES:
        st.session_state["language"] = asked
        del st.query_params["lang"]
    chosen = st.session_state.get("language") or (session.locale if session else None)
    return chosen if chosen in LANGUAGES else settings.locale


def require(page: str) -> Context:
    """The context, if its user's post opens this page."""
    context = current()
    if not context.policy.may_open(context.session.roles, page):
        raise NotAllowed(page)
    return context
