"""Buckets under Dagster: the sensor lists, its job lands, the landing sensor asks for a build."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from orderhouse.settings import get_settings
from tests.support.bucket import Bucket, serving
from tests.support.people import NOW

OLD = NOW - timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("defs")


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    monkeypatch.setenv("ORDERHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("ORDERHOUSE_NOW", NOW.isoformat())
    monkeypatch.setenv("BUCKET_KEY", "reader")
    monkeypatch.setenv("BUCKET_SECRET", "a secret of the bucket")
    get_settings.cache_clear()
    with serving() as running:
        (tmp_path / "connections.yml").write_text(
            "connections:\n  supplies: {kind: bucket, url: 's3://files/in', source: wms, shop: tb, "
            f"endpoint: '{running.endpoint}', key: env:BUCKET_KEY, secret: env:BUCKET_SECRET}}\n",
            encoding="utf-8",
        )
        yield running
    get_settings.cache_clear()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance with storage of its own, as a daemon has."""
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as opened:
        yield opened


class Daemon:
    """What the daemon keeps of a sensor from one tick to the next."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor, self.keys = instance, None, []

    def tick(self) -> dg.RunRequest | dg.SkipReason:
        from pipelines.defs.jobs import buckets
        from pipelines.defs.resources import Home
        from pipelines.defs.sensors import bucket_sensor

        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor) as context:
            said = bucket_sensor(context)
            self.cursor = context.cursor
        assert isinstance(said, dg.RunRequest | dg.SkipReason)
        if isinstance(said, dg.RunRequest):
            assert said.run_key not in self.keys
            self.keys.append(said.run_key)
            done = buckets.execute_in_process(
                instance=self.instance, resources={"home": Home()}, run_config=said.run_config
            )
            assert done.success
            run = self.instance.get_run_by_id(done.run_id)
            assert run is not None
            assert run.status is dg.DagsterRunStatus.SUCCESS
        return said


def test_what_is_whole_lands_in_one_run_and_a_build_is_asked_for(
    bucket: Bucket, instance: dg.DagsterInstance
) -> None:
    from pipelines.defs.sensors import landing_sensor

    daemon = Daemon(instance)
    assert isinstance(daemon.tick(), dg.SkipReason)
    bucket.put("in/a.csv", b"sku,name\nA,a\n", OLD)
    bucket.put("in/b.csv", b"sku,name\nB,b\n", NOW)
    assert isinstance(daemon.tick(), dg.RunRequest)
    assert bucket.read() == ["in/a.csv"]
    with dg.build_sensor_context(instance=instance) as context:
        assert isinstance(landing_sensor(context), dg.RunRequest)
    # The other one is still fresh; what has landed is known.
    assert isinstance(daemon.tick(), dg.SkipReason)
    bucket.put("in/b.csv", b"sku,name\nB,b\n", OLD)
    assert isinstance(daemon.tick(), dg.RunRequest)
    assert bucket.read() == ["in/a.csv", "in/b.csv"]
    assert len(instance.get_runs()) == 2


def test_the_sensor_only_lists(bucket: Bucket, instance: dg.DagsterInstance) -> None:
    from pipelines.defs.sensors import bucket_sensor

    bucket.put("in/a.csv", b"sku,name\nA,a\n", OLD)
    with dg.build_sensor_context(instance=instance) as context:
        assert isinstance(bucket_sensor(context), dg.RunRequest)
    assert bucket.read() == []


def test_an_object_that_cannot_be_taken_starts_one_run_not_many(
    bucket: Bucket, instance: dg.DagsterInstance
) -> None:
    daemon = Daemon(instance)
    bucket.put("in/a.zip", b"PK\x03\x04 and nothing after it", OLD)
    assert isinstance(daemon.tick(), dg.RunRequest)
    assert isinstance(daemon.tick(), dg.SkipReason)
    assert isinstance(daemon.tick(), dg.SkipReason)
    bucket.put("in/b.csv", b"sku,name\nB,b\n", OLD)
    assert isinstance(daemon.tick(), dg.RunRequest)


def test_storage_that_is_down_is_no_error_of_the_sensor(
    bucket: Bucket, instance: dg.DagsterInstance
) -> None:
    bucket.is_down = True
    assert isinstance(Daemon(instance).tick(), dg.SkipReason)


def test_it_is_off_until_somebody_switches_it_on(defs: dg.Definitions) -> None:
    found = defs.get_sensor_def("bucket_sensor")
    assert found.default_status is dg.DefaultSensorStatus.STOPPED
    assert found.job_name == "buckets"
