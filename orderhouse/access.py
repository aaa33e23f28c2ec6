"""Who may do and see what, read from `policy.yml`. Deny by default.

Answers questions only: it holds no session, reads no database and writes nothing. The ledger asks
before it appends, the app's queries ask before they select. What is personal is named in the
policy, not guessed from column names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

POLICY_FILE = Path(__file__).with_name("policy.yml")
# What becomes of a case about which something was done.
WORK = frozenset({"note", "wait", "settle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One post: the queues it acts on, the column classes it sees, the pages it opens."""

    code: str
    rank: int
    home: str
    queues: frozenset[str]
    is_everywhere: bool
    sees: frozenset[str]
    reveals: frozenset[str]
    pages: tuple[str, ...]
    reports: frozenset[str]
    digest: tuple[str, ...]
    analyses: frozenset[str]
    export_rows: int

    def owns(self, queue_code: str | None) -> bool:
        return queue_code is not None and (self.is_everywhere or queue_code in self.queues)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb: who may use it, on which queues, never on which. `roles` None: its owners.

    `does` says what becomes of a case something was done about: it stays (`note`), comes back after
    some minutes (`wait`) or is settled (`settle`); `asks` what has to be told with it; `about` what
    kinds of things it can be done to, where a queue has several. Empty: any.
    """

    code: str
    roles: frozenset[str] | None
    queues: frozenset[str] | None
    barred: frozenset[str] = frozenset()
    does: str | None = None
    minutes: int = 0
    asks: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()

    def fits(self, entity_type: str | None) -> bool:
        return not self.about or entity_type in self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPerson:
    """Above which amount a decision waits for another person; `by`: of which posts, None: any."""

    verb: str
    queues: frozenset[str]
    limits: Mapping[str, Decimal]
    is_needed_when_unknown: bool
    by: frozenset[str] | None = None

    def is_needed(self, amount: Decimal | None, currency: str | None) -> bool:
        if amount is None:
            return self.is_needed_when_unknown
        return abs(amount) > self.limits.get(currency or "*", self.limits["*"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole policy. Frozen: a change is a new file and a restart, and is reviewed like code."""

    version: int
    roles: Mapping[str, Role]
    verbs: Mapping[str, Verb]
    reasons: Mapping[str, tuple[str, ...]]
    second_person: tuple[SecondPerson, ...]
    outbox: frozenset[str]
    four_eyes: Mapping[str, frozenset[str]]
    hold_release: Mapping[str, frozenset[str]]
    conflicts: tuple[frozenset[str], ...]
    stock_limits: Mapping[str, int]
    refund_limits: Mapping[str, Mapping[str, Decimal]]
    refund_approvals: Mapping[str, Mapping[str, Decimal]]
    compensation_limits: Mapping[str, Mapping[str, Decimal]]
    liable: Mapping[str, str]
    limits: Mapping[str, int]
    relations: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)

    def allows(self, role: str, verb: str, queue_code: str | None = None) -> bool:
        """Whether one role may use a verb on a queue (or on no queue, for people's accounts)."""
        known_role, known_verb = self.roles.get(role), self.verbs.get(verb)
        if known_role is None or known_verb is None:
            return False
        if known_verb.queues is not None and queue_code not in known_verb.queues:
            return False
        if queue_code in known_verb.barred:
            return False
        if known_verb.roles is None:
            return known_role.owns(queue_code)
        return role in known_verb.roles and (queue_code is None or known_role.owns(queue_code))

    def role_for(self, roles: Iterable[str], verb: str, queue_code: str | None) -> str | None:
        """The role under which somebody may act: the highest rank that is allowed, or None."""
        able = [role for role in roles if self.allows(role, verb, queue_code)]
        return max(able, key=lambda role: (self.roles[role].rank, role), default=None)

    def is_person(self, roles: Iterable[str]) -> bool:
        """Whether a post among these has pages: the house's own account has none."""
        return any(self.roles[role].pages for role in roles if role in self.roles)

    def may_open(self, roles: Iterable[str], page: str) -> bool:
        return any(page in self.roles[role].pages for role in roles if role in self.roles)

    def may_report(self, roles: Iterable[str], report: str) -> bool:
        return any(report in self.roles[role].reports for role in roles if role in self.roles)

    def digest_of(self, roles: Iterable[str]) -> tuple[str, ...]:
        """The parts of the daily digest somebody gets, each once."""
        parts = (part for role in roles if role in self.roles for part in self.roles[role].digest)
        return tuple(dict.fromkeys(parts))

    def may_analyse(self, roles: Iterable[str], analysis: str) -> bool:
        return any(analysis in self.roles[role].analyses for role in roles if role in self.roles)

    def home(self, roles: Iterable[str]) -> str | None:
        known = [self.roles[role] for role in roles if role in self.roles]
        return max(known, key=lambda role: role.rank).home if known else None

    def queues_of(self, roles: Iterable[str], every: Iterable[str]) -> tuple[str, ...]:
        """The queues somebody may act on, in the order given."""
        known = [self.roles[role] for role in roles if role in self.roles]
        return tuple(code for code in every if any(role.owns(code) for role in known))

    def visible_columns(self, roles: str | Iterable[str], relation: str) -> tuple[str, ...]:
        """Columns of a mart these roles may read, in the policy's order; empty means none."""
        named = [roles] if isinstance(roles, str) else list(roles)
        classes = {kind for role in named if role in self.roles for kind in self.roles[role].sees}
        found: dict[str, None] = {}
        for kind, columns in self.relations.get(relation, {}).items():
            if kind in classes:
                found.update(dict.fromkeys(columns))
        return tuple(found)

    def sees(self, roles: Iterable[str], kind: str) -> bool:
        return any(kind in self.roles[role].sees for role in roles if role in self.roles)

    def may_reveal(self, roles: Iterable[str], subject: str) -> bool:
        return any(subject in self.roles[role].reveals for role in roles if role in self.roles)

    def export_rows(self, roles: Iterable[str]) -> int:
        return max((self.roles[r].export_rows for r in roles if r in self.roles), default=0)

    def needs_second(
        self, verb: str, queue_code: str | None, amount: Decimal | None, currency: str | None
    ) -> bool:
        """Whether a decision about this much money waits for a second person."""
        return any(
            rule.is_needed(amount, currency)
            for rule in self.second_person
            if rule.verb == verb and queue_code in rule.queues
        )

    def seconds(self, verb: str, queue_code: str | None) -> frozenset[str] | None:
        """The posts that may agree to such a decision; None: any that may decide it."""
        named = [
            rule.by
            for rule in self.second_person
            if rule.verb == verb and queue_code in rule.queues and rule.by is not None
        ]
        return frozenset().union(*named) if named else None

    def work_of(self, queue_code: str) -> tuple[str, ...]:
        """What may be done about a case of a queue besides deciding it, in the policy's order."""
        return tuple(
            verb.code
            for verb in self.verbs.values()
            if verb.does is not None and queue_code in (verb.queues or ())
        )

    def work(self, verb: str) -> Verb | None:
        """What a verb does to a case, if that is what it is for."""
        known = self.verbs.get(verb)
        return known if known is not None and known.does is not None else None

    def stock_limit(self, roles: Iterable[str]) -> int:
        """How many pieces somebody may agree to move at once."""
        return max((self.stock_limits.get(role, 0) for role in roles), default=0)

    def refund_limit(self, roles: Iterable[str], currency: str) -> Decimal:
        """How much of one order somebody may give back without a second person."""
        return _most(self.refund_limits, roles, currency)

    def refund_approval(self, roles: Iterable[str], currency: str) -> Decimal:
        """How much somebody may agree to of what another person asked to give back."""
        return _most(self.refund_approvals, roles, currency)

    def compensation_limit(self, roles: Iterable[str], currency: str) -> Decimal:
        """How much compensation somebody may agree to at once."""
        return _most(self.compensation_limits, roles, currency)

    def may_release(self, role: str, hold_type: str | None) -> bool:
        """Whether one role may end a hold of this type."""
        return role in self.hold_release.get(hold_type or "", {role})

    def conflicts_of(self, roles: Iterable[str]) -> tuple[tuple[str, ...], ...]:
        """Pairs of roles one person should not hold together."""
        held = set(roles)
        return tuple(tuple(sorted(pair)) for pair in self.conflicts if pair <= held)


def _most(
    limits: Mapping[str, Mapping[str, Decimal]], roles: Iterable[str], currency: str
) -> Decimal:
    """The greatest of the limits of these roles; nothing where none is written."""
    named = (limits.get(role, {}) for role in roles)
    return max((one.get(currency, one.get("*", Decimal(0))) for one in named), default=Decimal(0))


def row_scope(shops: Iterable[str] | None) -> tuple[str, ...] | None:
    """The shops whose rows somebody may read and act on; None means every shop."""
    return None if shops is None else tuple(sorted(set(shops)))


def _role(code: str, raw: Mapping[str, Any]) -> Role:
    queues = raw.get("queues", [])
    everywhere = queues == "all"
    return Role(
        code=code,
        rank=raw["rank"],
        home=raw["home"],
        queues=frozenset(() if everywhere else queues),
        is_everywhere=everywhere,
        sees=frozenset(raw.get("sees", ())),
        reveals=frozenset(raw.get("reveal", ())),
        pages=tuple(raw.get("pages", ())),
        reports=frozenset(raw.get("reports", ())),
        digest=tuple(raw.get("digest", ())),
        analyses=frozenset(raw.get("analyses", ())),
        export_rows=raw.get("exports", 0),
    )


def _verb(code: str, raw: Mapping[str, Any]) -> Verb:
    by, queues = raw["by"], raw.get("queues")
    return Verb(
        code=code,
        roles=None if by == "owners" else frozenset(by),
        queues=None if queues is None else frozenset(queues),
        barred=frozenset(raw.get("but", ())),
        does=raw.get("does"),
        minutes=raw.get("minutes", 0),
        asks=frozenset(raw.get("asks", ())),
        about=frozenset(raw.get("about", ())),
    )


def _second(raw: Mapping[str, Any]) -> SecondPerson:
    return SecondPerson(
        verb=raw["verb"],
        queues=frozenset(raw["queues"]),
        limits={code: Decimal(str(limit)) for code, limit in raw["limit"].items()},
        is_needed_when_unknown=raw["unknown"] == "needed",
        by=frozenset(raw["by"]) if "by" in raw else None,
    )


def _check_work(verbs: Iterable[Verb]) -> None:
    """What is done about cases names its queues and what becomes of them."""
    for verb in verbs:
        if verb.does is None:
            continue
        if verb.does not in WORK or not verb.queues or (verb.does == "wait") != bool(verb.minutes):
            raise ValueError(
                f"policy.yml: {verb.code} needs queues, does: one of {sorted(WORK)}, and minutes"
                " if and only if it waits"
            )


def _limits(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Decimal]]:
    return {
        role: {code: Decimal(str(limit)) for code, limit in limits.items()}
        for role, limits in raw.items()
    }


def parse_policy(raw: Mapping[str, Any]) -> Policy:
    """A policy from its parsed file; names that do not exist are an error, not a silent denial."""
    roles = {code: _role(code, item) for code, item in raw["roles"].items()}
    verbs = {code: _verb(code, item) for code, item in raw["verbs"].items()}
    _check_work(verbs.values())
    unknown = {r for verb in verbs.values() for r in verb.roles or ()} - roles.keys()
    unknown |= {role for pair in raw["conflicts"] for role in pair} - roles.keys()
    unknown |= {role for by in raw["hold_release"].values() for role in by} - roles.keys()
    for name in ("stock_limits", "refund_limits", "refund_approvals", "compensation_limits"):
        unknown |= raw[name].keys() - roles.keys()
    unknown |= {r for rule in raw["second_person"] for r in rule.get("by", ())} - roles.keys()
    unknown |= {verb for pair in raw["four_eyes"].items() for verb in (pair[0], *pair[1])} - (
        verbs.keys()
    )
    unknown |= (set(raw["outbox"]) | {rule["verb"] for rule in raw["second_person"]}) - verbs.keys()
    if unknown:
        raise ValueError(f"policy.yml names roles or verbs it does not define: {sorted(unknown)}")
    return Policy(
        version=raw["version"],
        roles=roles,
        verbs=verbs,
        reasons={code: tuple(items) for code, items in raw["reasons"].items()},
        second_person=tuple(_second(item) for item in raw["second_person"]),
        outbox=frozenset(raw["outbox"]),
        four_eyes={verb: frozenset(others) for verb, others in raw["four_eyes"].items()},
        hold_release={kind: frozenset(by) for kind, by in raw["hold_release"].items()},
        conflicts=tuple(frozenset(pair) for pair in raw["conflicts"]),
        stock_limits=raw["stock_limits"],
        refund_limits=_limits(raw["refund_limits"]),
        refund_approvals=_limits(raw["refund_approvals"]),
        compensation_limits=_limits(raw["compensation_limits"]),
        liable=raw["liable"],
        limits=raw["limits"],
        relations={
            name: {kind: tuple(columns) for kind, columns in kinds.items()}
            for name, kinds in raw["relations"].items()
        },
    )


@lru_cache(maxsize=4)
def get_policy(path: Path = POLICY_FILE) -> Policy:
    """The policy of this installation, read once a process."""
    return parse_policy(yaml.safe_load(path.read_text(encoding="utf-8")))
