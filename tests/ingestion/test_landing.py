"""Landing: the same bytes are the same file, and nothing half or hostile comes in."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import archives
from ingestion.archives import unpack
from ingestion.errors import LandingError
from ingestion.landing import Landing
from orderhouse.privacy import files, open_privacy_at

NOW = datetime(2026, 11, 21)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    privacy = open_privacy_at(tmp_path / "keys" / "k", tmp_path / "vault" / "v.db")
    return Landing(tmp_path / "landing", privacy)


def land(landing: Landing, name: str, data: bytes, shop: str = "s1") -> list[str]:
    return landing.land_bytes(name, data, source="wms", shop=shop, received_at=NOW)


def tar_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_landing_twice_is_the_same_as_once(landing: Landing) -> None:
    first = land(landing, "a.csv", b"x,y\n1,2\n")
    assert land(landing, "b.csv", b"x,y\n1,2\n") == first
    assert [file.given_name for file in landing.pending()] == ["a.csv"]


@pytest.mark.parametrize("pack", ["gz", "zip", "tar", "tar.gz", "gz in zip"])
def test_a_file_is_the_same_however_it_is_packed(landing: Landing, pack: str) -> None:
    data = b"x,y\n1,2\n" * 50
    packed = {
        "gz": gzip.compress(data),
        "zip": zip_of({"in/side.csv": data}),
        "tar": tar_of({"side.csv": data}),
        "tar.gz": gzip.compress(tar_of({"side.csv": data})),
        "gz in zip": zip_of({"side.csv.gz": gzip.compress(data)}),
    }[pack]
    assert land(landing, "file", packed) == land(landing, "plain.csv", data)


def test_each_member_of_an_archive_is_a_file(landing: Landing) -> None:
    members = {f"day-{n}.csv": f"{n}".encode() for n in range(305)}
    ids = land(landing, "days.tar.gz", gzip.compress(tar_of(members)))
    assert len(set(ids)) == 305
    assert {file.given_name for file in landing.pending()} == set(members)
    assert len({file.container_id for file in landing.pending()}) == 1


def test_a_workbook_is_a_file_and_no_archive(landing: Landing) -> None:
    book = zip_of({"[Content_Types].xml": b"<x/>", "xl/worksheets/sheet1.xml": b"<x/>"})
    assert len(land(landing, "book.xlsx", book)) == 1


def test_the_landed_copy_is_encrypted_and_reads_back(landing: Landing, tmp_path: Path) -> None:
    data = b"canary-13812345678\n" * 10
    [file_id] = land(landing, "a.csv", data)
    assert landing.read(file_id) == data
    for path in (tmp_path / "landing").rglob("*"):
        assert path.is_dir() or b"canary" not in path.read_bytes()


def test_a_damaged_landed_copy_is_noticed(landing: Landing, tmp_path: Path) -> None:
    [file_id] = land(landing, "a.csv", b"x,y\n1,2\n")
    path = tmp_path / "landing" / "files" / file_id[:2] / file_id
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(files.DamagedFile, match=file_id[:12]):
        landing.read(file_id)


def test_folders_are_for_their_owner_only(landing: Landing, tmp_path: Path) -> None:
    land(landing, "a.csv", b"1")
    folders = [p for p in (tmp_path / "landing").rglob("*") if p.is_dir()]
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)


def test_the_same_bytes_cannot_belong_to_two_shops(landing: Landing) -> None:
    land(landing, "a.csv", b"x")
    with pytest.raises(LandingError, match="wms/s1"):
        land(landing, "a.csv", b"x", shop="s2")


def test_a_loaded_file_is_not_pending_again(landing: Landing) -> None:
    ids = land(landing, "a.csv", b"x")
    landing.mark_loaded(ids)
    assert land(landing, "again.csv", b"x") == ids
    assert landing.pending() == []


@pytest.mark.parametrize("kind", ["gz", "zip", "tar", "tar.gz", "parquet", "xlsx"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(part=st.integers(1, 63))
def test_a_cut_archive_is_refused_by_name(kind: str, part: int) -> None:
    body = os.urandom(3_000)
    whole = {
        "gz": gzip.compress(body),
        "zip": zip_of({"a.csv": body, "b.csv": body[::-1]}),
        "tar": tar_of({"a.csv": body, "b.csv": body[::-1]}),
        "tar.gz": gzip.compress(tar_of({"a.csv": body})),
        "parquet": b"PAR1" + body + b"PAR1",
        "xlsx": zip_of({"[Content_Types].xml": b"<x/>", "xl/w.xml": body}),
    }[kind]
    if kind == "tar":
        # Python pads a tar to 10 KiB; cutting inside the padding loses nothing.
        whole = whole.rstrip(b"\0") + bytes(1024)
        cut = len(whole.rstrip(b"\0")) * part // 64
    else:
        cut = len(whole) * part // 64
    with pytest.raises(LandingError, match="given-name"):
        list(unpack("given-name", whole[: max(cut, 600 if kind == "tar" else 4)]))


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "c:\\x", "..\\x"])
def test_unsafe_names_in_archives_are_refused(name: str) -> None:
    for archive in (zip_of({name: b"1"}), tar_of({name: b"1"})):
        with pytest.raises(LandingError, match="unsafe"):
            list(unpack("bad", archive))


def test_links_in_archives_are_refused() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("x")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(LandingError, match="no regular file"):
        list(unpack("bad", buffer.getvalue()))


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 5)
    with pytest.raises(LandingError, match="more than 5"):
        list(unpack("many", zip_of({str(n): b"x" for n in range(6)})))


def test_a_bomb_is_refused_before_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "RATIO_FREE_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(64 << 20))
    with pytest.raises(LandingError, match="times its size"):
        list(unpack("bomb.gz", bomb))


def test_archives_nested_three_deep_are_refused() -> None:
    deep = zip_of({"a.zip": zip_of({"b.zip": zip_of({"c.csv": b"x"})})})
    with pytest.raises(LandingError, match="inside"):
        list(unpack("deep.zip", deep))


def test_unknown_packing_is_refused() -> None:
    with pytest.raises(LandingError, match="send gz"):
        list(unpack("a.bz2", b"BZh91AY&SY"))


def test_only_regular_files_land(landing: Landing, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(b"x")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("link.csv", "pipe.csv", "nothing.csv"):
        with pytest.raises(LandingError, match=name):
            landing.land(tmp_path / name, source="wms", shop="s1", received_at=NOW)


def test_a_folder_lands_whole(landing: Landing, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.csv").write_bytes(b"a")
    (folder / "sub" / "b.csv").write_bytes(b"b")
    (folder / ".hidden").write_bytes(b"c")
    assert len(landing.land(folder, source="wms", shop="s1", received_at=NOW)) == 2


def test_a_glob_in_a_name_is_only_a_name(landing: Landing, tmp_path: Path) -> None:
    (tmp_path / "a*.csv").write_bytes(b"1")
    (tmp_path / "aaa.csv").write_bytes(b"2")
    ids = landing.land(tmp_path / "a*.csv", source="wms", shop="s1", received_at=NOW)
    assert [landing.read(file_id) for file_id in ids] == [b"1"]
