"""People of the demo business: accounts with a past, and what is wrong with their rights.

They live in the ledger, not in files, so the labels of queue Q37 are written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from orderhouse.ledger import (
    Ledger,
    NewUser,
    ObjectRef,
    create_user,
    list_users,
    open_ledger,
    set_roles,
)
from orderhouse.settings import Settings
from pipelines.demo_acting import Step, item_id, perform, sign_in
from pipelines.demo_breaks import make_demo_breaks
from pipelines.demo_refunds import make_demo_refunds
from pipelines.demo_review import make_demo_reviews
from pipelines.demo_statements import make_demo_statements
from pipelines.demo_stock import make_demo_stock
from pipelines.demo_work import make_demo_work
from pipelines.detectors import present_of

DEMO_PASSWORD = "orderhouse-demo"  # noqa: S105  printed on screen; the demo serves loopback only
DEMO_USERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("manager", "王总 Manager", ("analyst",)),
    ("review", "李审核 Review", ("order_processor",)),
    ("logistics", "赵物流 Logistics", ("logistics",)),
    ("cs", "陈客服 Service", ("cs",)),
    ("stock", "周库存 Stock", ("inventory",)),
    ("warehouse", "钱仓库 Warehouse", ("warehouse",)),
    ("buyer", "杨采购 Purchasing", ("purchasing",)),
    ("finance", "吴财务 Finance", ("finance",)),
    ("supervisor", "何主管 Supervisor", ("finance_supervisor",)),
    ("lead", "孙运营 Ops lead", ("ops_lead",)),
    ("data", "郑数据 Data", ("data_team",)),
    ("admin", "冯管理 Admin", ("admin",)),
    ("entry", "许录单 Entry", ("data_entry",)),
    ("former", "旧客服 Former", ("cs",)),
)
# Nobody has looked at these this month; `former` has stopped signing in, `entry` was lately given a
# post that does not go with the one it had.
UNREVIEWED = ("logistics", "stock", "entry", "former")
ADMIN, LEAD, ENTRY, FORMER = "admin", "lead", "entry", "former"
HIRED, REVIEWED_ON, WEEK = timedelta(days=110), timedelta(days=3), timedelta(days=7)


def make_demo_users(settings: Settings) -> None:
    """One account for each post, all with the printed password; their past, if they are new."""
    ledger = open_ledger(settings.ledger_address)
    present = present_of(settings)[1]
    try:
        known = {user.login for user in list_users(ledger)}
        new = [user for user in DEMO_USERS if user[0] not in known]
        for login, name, roles in new:
            account = NewUser(login=login, display_name=name, roles=roles, password=DEMO_PASSWORD)
            create_user(ledger, account, now=present - HIRED)
        if len(new) == len(DEMO_USERS):
            faulty = _live(ledger, present, ZoneInfo(settings.reporting_zone))
            _label(settings, faulty)
            make_demo_statements(settings, ledger, present)
            make_demo_breaks(settings, ledger, present)
            make_demo_stock(settings, ledger, present)
            make_demo_refunds(settings, ledger, present)
            make_demo_reviews(settings, ledger, present)
            make_demo_work(settings, ledger, present)
    finally:
        ledger.close()


@dataclass(frozen=True, kw_only=True)
class _Past:
    """What happened to the accounts before today."""

    ledger: Ledger
    ids: Mapping[str, str]
    months: Sequence[datetime]

    def sign_in(self, login: str, now: datetime) -> None:
        sign_in(self.ledger, login, now)

    def review(self, login: str, now: datetime) -> None:
        """The administrator looks at everybody, the head of operations at the administrator."""
        episode = sum(month <= now for month in self.months)
        number = item_id("Q37", "account", self.ids[login], episode)
        account = ObjectRef(
            queue_code="Q37", item_id=number, entity_type="account", entity_id=self.ids[login]
        )
        step = Step(
            login=LEAD if login == ADMIN else ADMIN, verb="confirm_access", at=now,
            args={"reason_code": "still_needed"},
        )  # fmt: skip
        perform(self.ledger, account, 0, step)

    def add_post(self, login: str, now: datetime) -> None:
        roles = ("data_entry", "order_processor")
        set_roles(self.ledger, self.ids[login], roles, shops=None, now=now)


def _live(ledger: Ledger, present: datetime, zone: ZoneInfo) -> list[str]:
    """Sign-ins, monthly looks at rights, one bad change of posts; account ids left to look at."""
    ids = {user.login: user.user_id for user in list_users(ledger)}
    months = _months(present - HIRED, present, zone)
    past = _Past(ledger=ledger, ids=ids, months=months)
    moments: list[tuple[datetime, str, Callable[[str, datetime], object]]] = [
        (moment, login, past.sign_in) for login in ids for moment in _visits(login, present)
    ]
    moments += [
        (month + REVIEWED_ON, login, past.review)
        for month in months
        for login in ids
        if month != months[-1] or login not in UNREVIEWED
    ]
    moments.append((present - timedelta(days=2), ENTRY, past.add_post))
    for moment, login, happens in sorted(moments, key=lambda row: row[:2]):
        if moment <= present:
            happens(login, moment)
    is_reviewed = months[-1] + REVIEWED_ON <= present
    return [ids[login] for login in (UNREVIEWED if is_reviewed else ids)]


def _months(first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    """The first moment, in UTC, of each business month that begins after `first`, up to `last`."""
    found: list[datetime] = []
    day = first.date().replace(day=1)
    while not found or found[-1] <= last:
        day = (day + timedelta(days=32)).replace(day=1)
        start = datetime.combine(day, time(), zone)
        found.append(start.astimezone(UTC).replace(tzinfo=None))
    return found[:-1]


def _visits(login: str, present: datetime) -> Iterable[datetime]:
    hired = present - HIRED
    if login == FORMER:
        return [hired + timedelta(days=1)]
    return [present - WEEK * week for week in range(HIRED // WEEK)]


def _label(settings: Settings, account_ids: list[str]) -> None:
    path = settings.demo_dir / "labels.csv"
    made = pl.read_csv(path, schema_overrides={"order_id": pl.String})
    rows = pl.DataFrame(
        {
            "queue_code": "Q37",
            "entity_type": "account",
            "entity_id": account_ids,
            "fault": "rights_unreviewed",
        },
    )
    pl.concat([made, rows], how="diagonal").sort("queue_code", "entity_id").write_csv(path)
