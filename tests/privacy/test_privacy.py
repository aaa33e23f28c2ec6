"""Personal data: what is shown, what joins, what opens, what can never be opened again."""

from __future__ import annotations

import re
import string
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhouse.privacy import (
    Erased,
    KeyFileError,
    Privacy,
    Unreadable,
    files,
    masks,
    normal,
    open_privacy_at,
)

NOW = datetime(2026, 11, 21)
COLUMN = "orders.buyer_phone"


@pytest.fixture
def privacy(tmp_path: Path) -> Privacy:
    return open_privacy_at(tmp_path / "keys" / "master.key", tmp_path / "vault" / "vault.db")


def test_the_key_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    open_privacy_at(path, tmp_path / "vault.db")
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_key_file_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    open_privacy_at(path, tmp_path / "vault.db")
    path.chmod(0o444)
    with pytest.raises(KeyFileError, match="0400"):
        open_privacy_at(path, tmp_path / "vault.db")


@given(value=st.text(min_size=1, max_size=200))
def test_a_value_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    privacy = _shared(tmp_path_factory)
    done = privacy.protect("orders.buyer_remark", "remark", [value], ["order:1"])
    assert privacy.reveal(done.cipher[0], "orders.buyer_remark") == value


_SHARED: list[Privacy] = []


def _shared(factory: pytest.TempPathFactory) -> Privacy:
    if not _SHARED:
        folder = factory.mktemp("shared")
        _SHARED.append(open_privacy_at(folder / "master.key", folder / "vault.db"))
    return _SHARED[0]


def test_a_value_opens_in_its_own_column_only(privacy: Privacy) -> None:
    done = privacy.protect(COLUMN, "phone", ["13812345678"], ["buyer:1"])
    with pytest.raises(Unreadable):
        privacy.reveal(done.cipher[0], "contacts.note")


def test_a_changed_value_does_not_open(privacy: Privacy) -> None:
    cipher = bytearray(privacy.protect(COLUMN, "phone", ["13812345678"], ["b"]).cipher[0])
    cipher[-1] ^= 1
    with pytest.raises(Unreadable):
        privacy.reveal(bytes(cipher), COLUMN)


def test_a_rebuild_gives_the_same_ciphertext(tmp_path: Path) -> None:
    first = open_privacy_at(tmp_path / "k", tmp_path / "v.db")
    before = first.protect(COLUMN, "phone", ["13812345678"], ["buyer:1"])
    first.vault.close()
    again = open_privacy_at(tmp_path / "k", tmp_path / "v.db")
    assert again.protect(COLUMN, "phone", ["13812345678"], ["buyer:1"]).cipher == before.cipher


def test_two_people_with_one_value_have_two_ciphertexts_and_one_index(privacy: Privacy) -> None:
    done = privacy.protect(COLUMN, "phone", ["13812345678"] * 2, ["buyer:1", "buyer:2"])
    assert done.cipher[0] != done.cipher[1]
    assert done.index[0] == done.index[1]


def test_an_erased_person_is_unreadable_and_stays_so(privacy: Privacy) -> None:
    done = privacy.protect(COLUMN, "phone", ["13812345678"], ["buyer:1"])
    erasure = privacy.erase_subject("buyer:1", NOW)
    assert erasure.key_id is not None
    with pytest.raises(Erased):
        privacy.reveal(done.cipher[0], COLUMN)
    again = privacy.protect(COLUMN, "phone", ["13812345678"], ["buyer:1"])
    assert (again.masked, again.index, again.cipher) == (["***"], [None], [None])


def test_an_erased_key_is_gone_from_the_vault_file(tmp_path: Path) -> None:
    privacy = open_privacy_at(tmp_path / "k", tmp_path / "v.db")
    privacy.protect(COLUMN, "phone", ["13812345678"], ["buyer:erase-me"])
    privacy.erase_subject("buyer:erase-me", NOW)
    left = b"".join(path.read_bytes() for path in tmp_path.glob("v.db*"))
    assert b"erase-me" not in left


def test_nothing_null_is_encrypted(privacy: Privacy) -> None:
    done = privacy.protect(COLUMN, "phone", [None], ["buyer:1"])
    assert (done.masked, done.index, done.cipher) == ([None], [None], [None])


def test_another_vault_cannot_read_a_value(tmp_path: Path, privacy: Privacy) -> None:
    cipher = privacy.protect(COLUMN, "phone", ["13812345678"], ["buyer:1"]).cipher[0]
    other = open_privacy_at(tmp_path / "other.key", tmp_path / "other.db")
    with pytest.raises(Unreadable):
        other.reveal(cipher, COLUMN)


def test_a_vault_under_another_master_key_is_refused(tmp_path: Path, privacy: Privacy) -> None:
    privacy.protect(COLUMN, "phone", ["13812345678"], ["buyer:1"])
    wrong = open_privacy_at(tmp_path / "other.key", tmp_path / "vault" / "vault.db")
    with pytest.raises(Unreadable, match="another master key"):
        wrong.protect(COLUMN, "phone", ["13812345678"], ["buyer:1"])


@pytest.mark.parametrize(
    "text",
    ["13812345678", "'13812345678", "138 1234 5678", "+86 138-1234-5678", "008613812345678",
     "１３８１２３４５６７８", "86-13812345678"],
)  # fmt: skip
def test_one_phone_has_one_index_however_it_is_written(privacy: Privacy, text: str) -> None:
    plain = privacy.blind_index("phone", "13812345678")
    assert privacy.blind_index("phone", text) == plain


def test_names_join_whatever_their_case_width_and_blanks(privacy: Privacy) -> None:
    assert privacy.blind_index("name", "Ann  Lee") == privacy.blind_index("name", "ＡＮＮ lee ")


def test_kinds_do_not_share_an_index(privacy: Privacy) -> None:
    assert privacy.blind_index("name", "x") != privacy.blind_index("address", "x")


@given(st.integers(10**9, 10**10 - 1))
def test_the_fast_path_for_chinese_mobiles_agrees_with_the_numbering_plan(tail: int) -> None:
    number = f"1{3 + tail % 7}{tail % 10**9:09d}"
    fast, is_possible = normal.phone(number)
    assert is_possible
    assert fast == normal._parsed(f"+86{number}", "CN")[0]


@pytest.mark.parametrize(
    ("kind", "value", "mask"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "12345", "****"),
        ("phone", "call me", "****"),
        ("name", "张三丰", "张**"),
        ("address", "广东省 广州市 越秀区 示例路1号", "广东省 广州市 ****"),
        ("address", "上海市 浦东新区 1号", "上海市 ****"),
        ("address", "广东省 广州市 1号", "广东省 广州市 *"),
        ("address", "12 Chestnut Street", "****"),
        ("address", "x", "*"),
        ("remark", "请尽快发货", "*** (1-20)"),
        ("remark", "x" * 101, "*** (101+)"),
    ],
)
def test_masks_have_the_documented_shapes(kind: str, value: str, mask: str) -> None:
    assert masks.mask(kind, value) == mask


@given(st.text(max_size=300))
def test_a_shape_holds_no_character_of_its_text(text: str) -> None:
    shown = masks.shape(text)
    kept = set(shown) - set("9a字…")
    assert all(not re.match(r"\w", c) or not c.isalnum() for c in kept - {"_"})
    assert not set(string.ascii_letters + string.digits) & kept


@given(data=st.binary(max_size=4_000))
def test_a_sealed_file_opens_to_the_same_bytes(data: bytes) -> None:
    sealed = b"".join(files.seal(data, "name", b"k" * 32))
    assert files.unseal(sealed, "name", b"k" * 32) == data


def test_a_sealed_file_spans_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHUNK", 64)
    data = bytes(range(256)) * 5
    sealed = b"".join(files.seal(data, "name", b"k" * 32))
    assert files.unseal(sealed, "name", b"k" * 32) == data


@given(cut=st.integers(0, 1_339), flip=st.integers(0, 1_339))
def test_a_cut_or_changed_sealed_file_is_noticed(cut: int, flip: int) -> None:
    sealed = b"".join(files.seal(bytes(1_312), "name", b"k" * 32))
    with pytest.raises(files.DamagedFile):
        files.unseal(sealed[:cut], "name", b"k" * 32)
    changed = bytearray(sealed)
    changed[flip] ^= 0x40
    with pytest.raises(files.DamagedFile):
        files.unseal(bytes(changed), "name", b"k" * 32)


def test_the_vault_holds_no_plaintext(tmp_path: Path) -> None:
    privacy = open_privacy_at(tmp_path / "k", tmp_path / "v.db")
    values = [f"1381234{n:04d}" for n in range(100)]
    privacy.protect(COLUMN, "phone", values, [f"phone:{n}" for n in range(100)])
    left = b"".join(path.read_bytes() for path in tmp_path.glob("v.db*"))
    assert b"1381234" not in left
