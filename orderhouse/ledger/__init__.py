"""The ledger: what people decide, who they are, and a chain that shows any change afterwards.

Import from here. Every write goes through `act`, an account function or the access log, and each of
them appends to the same hash chain in the same transaction as its effect.
"""

from orderhouse.ledger.access_history import access_events_after
from orderhouse.ledger.access_log import (
    Access,
    erase_comments,
    record_error,
    record_export,
    record_reveal,
)
from orderhouse.ledger.actions import act
from orderhouse.ledger.audit import AuditReport, audit_verify, head, head_seq
from orderhouse.ledger.breaks import recon_decisions_after, rejected_suggestions
from orderhouse.ledger.cases import CaseState, ObjectRef, case_states, changed_since
from orderhouse.ledger.compensation import compensations_after
from orderhouse.ledger.deliveries import (
    Answer,
    Delivery,
    Message,
    claim,
    deliveries,
    delivery_counts,
    due_systems,
    hand_over,
    put_back,
    settle,
    something_due,
    system_counts,
)
from orderhouse.ledger.effects import ActResult
from orderhouse.ledger.engine import Ledger, open_ledger
from orderhouse.ledger.errors import Conflict, Denied, IdempotencyMismatch, Invalid, LedgerError
from orderhouse.ledger.history import (
    AuditFilter,
    Done,
    Entry,
    audit_rows,
    decision_seq,
    decisions_after,
    done_about,
    history,
    last_verbs,
    seq_of,
)
from orderhouse.ledger.people import (
    NewUser,
    User,
    create_user,
    list_users,
    names_of,
    set_active,
    set_locale,
    set_password,
    set_roles,
)
from orderhouse.ledger.refund_history import refund_steps_after
from orderhouse.ledger.refund_requests import RefundRequest
from orderhouse.ledger.refunds import refund_deliveries, refund_requests_of
from orderhouse.ledger.sessions import (
    Session,
    SignIn,
    session_for,
    sign_in,
    sign_out,
    start_session,
)
from orderhouse.ledger.source_log import Accepted, accepted_source, record_source
from orderhouse.ledger.statement_history import statement_lines_after
from orderhouse.ledger.statements import Statement, StatementLine, statements_of, taken_lines
from orderhouse.ledger.stock import stock_moves_since, stock_requests_of
from orderhouse.ledger.stock_history import stock_counts_after, stock_movements_after
from orderhouse.ledger.stock_requests import StockMove, StockRequest
from orderhouse.ledger.ties import (
    CaseLink,
    Mention,
    fresh_mentions,
    links_of,
    may_see,
    mentions_of,
    read_mentions,
)
from orderhouse.ledger.verbs import BREAK_VERBS

__all__ = [
    "BREAK_VERBS",
    "Accepted",
    "Access",
    "ActResult",
    "Answer",
    "AuditFilter",
    "AuditReport",
    "CaseLink",
    "CaseState",
    "Conflict",
    "Delivery",
    "Denied",
    "Done",
    "Entry",
    "IdempotencyMismatch",
    "Invalid",
    "Ledger",
    "LedgerError",
    "Mention",
    "Message",
    "NewUser",
    "ObjectRef",
    "RefundRequest",
    "Session",
    "SignIn",
    "Statement",
    "StatementLine",
    "StockMove",
    "StockRequest",
    "User",
    "accepted_source",
    "access_events_after",
    "act",
    "audit_rows",
    "audit_verify",
    "case_states",
    "changed_since",
    "claim",
    "compensations_after",
    "create_user",
    "decision_seq",
    "decisions_after",
    "deliveries",
    "delivery_counts",
    "done_about",
    "due_systems",
    "erase_comments",
    "fresh_mentions",
    "hand_over",
    "head",
    "head_seq",
    "history",
    "last_verbs",
    "links_of",
    "list_users",
    "may_see",
    "mentions_of",
    "names_of",
    "open_ledger",
    "put_back",
    "read_mentions",
    "recon_decisions_after",
    "record_error",
    "record_export",
    "record_reveal",
    "record_source",
    "refund_deliveries",
    "refund_requests_of",
    "refund_steps_after",
    "rejected_suggestions",
    "seq_of",
    "session_for",
    "set_active",
    "set_locale",
    "set_password",
    "set_roles",
    "settle",
    "sign_in",
    "sign_out",
    "something_due",
    "start_session",
    "statement_lines_after",
    "statements_of",
    "stock_counts_after",
    "stock_movements_after",
    "stock_moves_since",
    "stock_requests_of",
    "system_counts",
    "taken_lines",
]
