"""Runs a suite on a frame. The only place that touches Great Expectations' contexts.

Great Expectations is imported when a suite runs, never before: the import costs seconds. It has no
DuckDB engine, so it looks at small pandas frames. An expectation that raises counts as an error,
never as a pass; a canary that must pass shows that the engine works at all.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from expectations.suites import Expectation

_CANARY = Expectation(
    kind="ExpectTableRowCountToBeBetween", arguments={"min_value": 0}, meaning="the engine works"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One expectation that did not hold. `severity`: critical, warning or error (it raised)."""

    expectation: str
    severity: str
    meaning: str
    observed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """What a suite found on one frame."""

    suite: str
    checked: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not any(finding.severity != "warning" for finding in self.findings)

    @property
    def detail(self) -> str:
        if not self.findings:
            return f"{self.checked} expectations hold"
        return "; ".join(f"{f.meaning}: {f.observed} ({f.severity})" for f in self.findings)


def run_suite(name: str, frame: pd.DataFrame, expectations: Sequence[Expectation]) -> SuiteResult:
    """Checks every expectation of the suite on the frame."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    import great_expectations.expectations as gxe

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas(name)
        .add_dataframe_asset(name=name)
        .add_batch_definition_whole_dataframe(name)
        .get_batch(batch_parameters={"dataframe": frame})
    )
    findings = []
    for expectation in (_CANARY, *expectations):
        result = batch.validate(
            getattr(gxe, expectation.kind)(**expectation.arguments),
            # Values never leave the frame: a report of failing rows would carry them along.
            result_format="BOOLEAN_ONLY"
            if expectation.kind.startswith("ExpectColumnValue")
            else "BASIC",
        )
        found = _finding(expectation, result)
        if found is not None:
            findings.append(found)
    return SuiteResult(suite=name, checked=len(expectations), findings=tuple(findings))


def _finding(expectation: Expectation, result: object) -> Finding | None:
    if result.success:  # type: ignore[attr-defined]
        return None
    raised = result.exception_info or {}  # type: ignore[attr-defined]
    is_error = bool(raised.get("raised_exception")) or any(
        isinstance(item, dict) and item.get("raised_exception") for item in raised.values()
    )
    observed = (result.result or {}).get("observed_value", "does not hold")  # type: ignore[attr-defined]
    return Finding(
        expectation=expectation.kind,
        severity="error" if is_error else expectation.severity,
        meaning=expectation.meaning,
        observed="the check itself failed" if is_error else str(observed),
    )
