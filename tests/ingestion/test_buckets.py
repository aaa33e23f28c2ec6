"""Files in object storage land once, when they are whole, and stay where they are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.buckets import land_bucket
from ingestion.errors import LandingError
from orderhouse.connections import BucketConnection
from orderhouse.settings import PROJECT_ROOT, Settings
from pipelines.build import land_buckets
from tests.support.bucket import Bucket, serving
from tests.support.people import NOW

OLD = NOW - timedelta(hours=1)
TABLE = b"sku,name\nA,a\n"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("BUCKET_KEY", "reader")
    monkeypatch.setenv("BUCKET_SECRET", "a secret of the bucket")
    with serving() as running:
        yield running


def settings(home: Path) -> Settings:
    return Settings(home=home, now=NOW)  # type: ignore[call-arg]


def place(bucket: Bucket, **given: Any) -> BucketConnection:
    return BucketConnection(
        name="supplies", kind="bucket", url="s3://files/in", source="wms", shop="tb",
        endpoint=bucket.endpoint, key="env:BUCKET_KEY", secret="env:BUCKET_SECRET", **given,
    )  # fmt: skip


def test_what_is_new_lands_once_over_all_pages_and_nothing_is_deleted(
    bucket: Bucket, tmp_path: Path
) -> None:
    for number in range(5):
        bucket.put(f"in/{number}.csv", TABLE + bytes([65 + number]), OLD)
    bucket.put("elsewhere/x.csv", b"not below the prefix", OLD)
    first = land_bucket(settings(tmp_path), place(bucket), NOW)
    assert (len(first.landed), first.known, first.refused) == (5, 0, {})
    again = land_bucket(settings(tmp_path), place(bucket), NOW)
    assert (again.landed, again.known) == ([], 5)
    assert sorted(bucket.read()) == [f"in/{number}.csv" for number in range(5)]
    assert {method for method, _ in bucket.asked} == {"GET", "HEAD"}
    bucket.put("in/0.csv", TABLE + b"changed", OLD)
    assert len(land_bucket(settings(tmp_path), place(bucket), NOW).landed) == 1


def test_what_is_being_written_waits(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("in/fresh.csv", TABLE, NOW - timedelta(seconds=20))
    bucket.put("in/half.csv.part", TABLE, OLD)
    bucket.put("in/.hidden.csv", TABLE, OLD)
    bucket.put("in/grows.csv", TABLE, OLD)
    bucket.grows = {"in/grows.csv"}
    report = land_bucket(settings(tmp_path), place(bucket), NOW)
    assert (report.landed, report.waiting) == ([], 4)
    bucket.grows = set()
    later = land_bucket(settings(tmp_path), place(bucket), NOW + timedelta(minutes=1))
    assert (len(later.landed), later.waiting) == (2, 2)


def test_where_there_are_markers_only_marked_objects_are_taken(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("in/a.csv", TABLE, NOW)
    bucket.put("in/a.csv.done", b"", NOW)
    bucket.put("in/b.csv", TABLE + b"B,b\n", OLD)
    report = land_bucket(settings(tmp_path), place(bucket, marker=".done"), NOW)
    assert (len(report.landed), report.waiting) == (1, 1)
    assert bucket.read() == ["in/a.csv"]


def test_one_object_that_cannot_be_taken_keeps_no_other_out(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("in/a.csv.gz", b"\x1f\x8b\x08 cut short", OLD)
    bucket.put("in/b.csv", TABLE, OLD)
    report = land_bucket(settings(tmp_path), place(bucket), NOW)
    assert len(report.landed) == 1
    assert list(report.refused) == ["files/in/a.csv.gz"]


def test_storage_that_refuses_is_an_error_that_shows_no_secret(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.is_down = True
    with pytest.raises(LandingError, match="cannot be listed") as refused:
        land_bucket(settings(tmp_path), place(bucket), NOW)
    assert "a secret of the bucket" not in str(refused.value)


def test_buckets_of_the_file_are_read_by_a_build_and_a_broken_one_holds_up_nothing(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("in/a.csv", TABLE, OLD)
    entry = (
        "kind: bucket, source: wms, shop: tb, key: env:BUCKET_KEY, secret: env:BUCKET_SECRET, "
        f"endpoint: '{bucket.endpoint}'"
    )
    (tmp_path / "connections.yml").write_text(
        "connections:\n"
        f"  broken: {{{entry.replace('BUCKET_SECRET', 'NOT_THERE')}, url: 's3://files/x'}}\n"
        f"  good: {{{entry}, url: 's3://files/in'}}\n"
    )
    assert land_buckets(settings(tmp_path)) == 1
    assert land_buckets(settings(tmp_path)) == 0


def test_a_reader_killed_after_landing_lands_nothing_twice(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("in/a.csv", TABLE, OLD)
    bucket.put("in/b.csv", TABLE + b"B,b\n", OLD)
    surroundings = {
        "ORDERHOUSE_HOME": str(tmp_path), "ORDERHOUSE_NOW": NOW.isoformat(),
        "AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "a secret of the bucket",
        "AWS_ENDPOINT_URL": bucket.endpoint,
    }  # fmt: skip
    command = [
        sys.executable, "-c", "from pipelines.cli import main; main()", "land", "s3://files/in",
        "--source", "wms", "--shop", "tb",
    ]  # fmt: skip

    def run(**changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=PROJECT_ROOT, env=os.environ | surroundings | changes,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert run(ORDERHOUSE_FAILPOINT="bucket.after_landing:1").returncode == -9
    done = run()
    assert done.returncode == 0, done.stderr
    pending = list((tmp_path / "landing" / "pending").glob("*.json"))
    assert len(pending) == 2
    assert bucket.read() == ["in/a.csv", "in/a.csv", "in/b.csv"]
    assert "2 known already" in run().stdout
