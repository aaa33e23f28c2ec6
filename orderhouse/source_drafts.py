"""A source that is being made in the app: the sample, what is asked about it, what was answered.

`<home>/source_drafts/<draft>/` is one sample somebody brought:

    sample            its bytes, encrypted under a key of their own in the vault
    draft.json        who brought it, when, under which name
    ask-0001.json     a question: propose under these choices, or accept them
    answer-0001.json  what came of it

The app writes questions, the pipelines write answers, and nobody ever writes a file twice: two
people who ask at once get two numbers, two workers that answer at once leave one answer. A sample
holds personal data, so it is shredded when its source is accepted, when it is taken back, or after
`sample_hours`; only the questions and answers, which hold none, stay that long.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from orderhouse.privacy import files, open_privacy
from orderhouse.settings import Settings
from orderhouse.source_choices import BadDraft, Choices

_DRAFT = re.compile(r"\d{8}T\d{6}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One sample somebody brought."""

    draft_id: str
    brought_by: str
    brought_at: datetime
    file_name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question about a sample.

    Attributes:
        wish: `propose` or `accept`.
        action_id: of an acceptance, the decision in the ledger.
    """

    draft_id: str
    number: int
    wish: str
    asked_by: str
    asked_at: datetime
    choices: Choices
    action_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question: `found`, or why nothing: `code`, what its sentence names, and
    `about` in technical words."""

    code: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    found: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not self.code


def bring(settings: Settings, file_name: str, data: bytes, who: str, now: datetime) -> Draft:
    """Keep a sample, encrypted. Raises BadDraft where there is nothing, or too much."""
    if not data:
        raise BadDraft("empty")
    if len(data) > settings.sample_max_bytes:
        raise BadDraft("too_large", limit=settings.sample_max_bytes >> 20)
    draft = Draft(
        draft_id=f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}", brought_by=who, brought_at=now,
        file_name=safe_name(file_name), size_bytes=len(data),
    )  # fmt: skip
    folder = settings.drafts_dir / draft.draft_id
    folder.mkdir(parents=True, mode=0o700)
    privacy = open_privacy(settings)
    try:
        key = privacy.vault.add_file_keys([draft.draft_id])[draft.draft_id]
    finally:
        privacy.vault.close()
    _write(folder / "sample", b"".join(files.seal(data, draft.draft_id, key)))
    _write(folder / "draft.json", _as_json(asdict(draft)))
    return draft


def safe_name(name: str) -> str:
    """Only for people to read: no folder, no control characters, no sign a document gives sense."""
    bare = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w.() -]+", "_", bare).strip()[:120] or "sample"


def ask(  # noqa: PLR0913  one call says everything the question says
    settings: Settings,
    draft_id: str,
    wish: str,
    choices: Choices,
    *,
    who: str,
    now: datetime,
    after: int = 0,
    action_id: str = "",
) -> Ask:
    """Ask about a sample.

    Args:
        after: the number of the last question the asker saw.

    Raises:
        BadDraft: the choices cannot be, the sample is gone, or somebody else asked meanwhile.
    """
    choices.check()
    folder = _folder(settings, draft_id)
    if not (folder / "sample").exists():
        raise BadDraft("expired", hours=settings.sample_hours)
    asked = Ask(
        draft_id=draft_id, number=after + 1, wish=wish, asked_by=who, asked_at=now,
        choices=choices, action_id=action_id,
    )  # fmt: skip
    if not _write_once(folder / f"ask-{asked.number:04}.json", _as_json(asdict(asked))):
        raise BadDraft("overtaken")
    return asked


def find_draft(settings: Settings, draft_id: str) -> Draft | None:
    if not _DRAFT.fullmatch(draft_id):
        return None
    raw = _read(settings.drafts_dir / draft_id / "draft.json")
    return None if raw is None else Draft(**raw | _time(raw, "brought_at"))


def drafts(settings: Settings) -> list[Draft]:
    """Every sample that is kept, the newest first."""
    found = (find_draft(settings, name) for name in sorted(_names(settings), reverse=True))
    return [draft for draft in found if draft is not None]


def last_ask(settings: Settings, draft_id: str) -> Ask | None:
    numbers = _numbers(settings, draft_id)
    return _ask(settings, draft_id, numbers[-1]) if numbers else None


def answer_to(settings: Settings, asked: Ask) -> Answer | None:
    """What came of a question; None while nobody has answered."""
    raw = _read(_folder(settings, asked.draft_id) / f"answer-{asked.number:04}.json")
    return None if raw is None else Answer(**raw)


def last_good(settings: Settings, asked: Ask) -> tuple[Ask, Answer] | None:
    """The last question up to this one that has a good answer: what there is to look at."""
    for number in range(asked.number, 0, -1):
        earlier = _ask(settings, asked.draft_id, number)
        answer = None if earlier is None else answer_to(settings, earlier)
        if earlier is not None and answer is not None and answer.is_good:
            return earlier, answer
    return None


def waiting(settings: Settings) -> list[Ask]:
    """Questions nobody has answered, the oldest first."""
    found = [
        asked
        for name in _names(settings)
        for number in _numbers(settings, name)
        if (asked := _ask(settings, name, number)) is not None
        and answer_to(settings, asked) is None
    ]
    return sorted(found, key=lambda one: (one.asked_at, one.draft_id, one.number))


def keep_answer(settings: Settings, asked: Ask, answer: Answer) -> bool:
    """Keep what came of a question; False where somebody had answered before."""
    path = _folder(settings, asked.draft_id) / f"answer-{asked.number:04}.json"
    try:
        return _write_once(path, _as_json(asdict(answer)))
    except FileNotFoundError:  # taken back meanwhile
        return False


def count_try(settings: Settings, asked: Ask) -> int:
    """How often this question was begun, this time included: one that kills its reader shows."""
    path = _folder(settings, asked.draft_id) / f"tries-{asked.number:04}"
    with path.open("ab") as tries:
        tries.write(b".")
    return path.stat().st_size


def read_sample(settings: Settings, draft_id: str) -> bytes:
    """The bytes of a sample, decrypted in memory. Raises BadDraft when they are gone."""
    try:
        sealed = (_folder(settings, draft_id) / "sample").read_bytes()
    except FileNotFoundError:
        raise BadDraft("expired", hours=settings.sample_hours) from None
    privacy = open_privacy(settings)
    try:
        return files.unseal(sealed, draft_id, privacy.vault.file_key(draft_id))
    finally:
        privacy.vault.close()


def shred(settings: Settings, draft_id: str) -> None:
    """Destroy a sample for good: its key first, so that no copy of its bytes can be read."""
    folder = _folder(settings, draft_id)
    privacy = open_privacy(settings)
    try:
        privacy.vault.forget_file_keys([draft_id])
    finally:
        privacy.vault.close()
    (folder / "sample").unlink(missing_ok=True)


def take_back(settings: Settings, draft_id: str) -> None:
    """Nothing of the draft stays."""
    shred(settings, draft_id)
    shutil.rmtree(_folder(settings, draft_id), ignore_errors=True)


def sweep(settings: Settings, now: datetime) -> int:
    """Take back what has lain too long, shred what a crash left; returns how many."""
    oldest, gone = now - timedelta(hours=settings.sample_hours), 0
    for name in _names(settings):
        is_old = datetime.strptime(name[:15], "%Y%m%dT%H%M%S") < oldest
        if is_old:
            take_back(settings, name)
        elif is_accepted(settings, name) and (settings.drafts_dir / name / "sample").exists():
            shred(settings, name)
        else:
            continue
        gone += 1
    return gone


def is_accepted(settings: Settings, draft_id: str) -> bool:
    asked = last_ask(settings, draft_id)
    answer = answer_to(settings, asked) if asked and asked.wish == "accept" else None
    return answer is not None and answer.is_good


def _folder(settings: Settings, draft_id: str) -> Path:
    """Checked at every use: the name comes from an address bar."""
    if not _DRAFT.fullmatch(draft_id):
        raise BadDraft("expired", hours=settings.sample_hours)
    return settings.drafts_dir / draft_id


def _names(settings: Settings) -> list[str]:
    found = settings.drafts_dir.iterdir() if settings.drafts_dir.exists() else ()
    return sorted(path.name for path in found if _DRAFT.fullmatch(path.name))


def _numbers(settings: Settings, draft_id: str) -> list[int]:
    found = _folder(settings, draft_id).glob("ask-*.json")
    return sorted(int(path.stem[4:]) for path in found if path.stem[4:].isdigit())


def _ask(settings: Settings, draft_id: str, number: int) -> Ask | None:
    raw = _read(_folder(settings, draft_id) / f"ask-{number:04}.json")
    if raw is None:
        return None
    chosen = raw["choices"] | {"streams": tuple(raw["choices"]["streams"])}
    return Ask(**raw | _time(raw, "asked_at") | {"choices": Choices(**chosen)})


def _time(raw: Mapping[str, Any], name: str) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(raw[name])}


def _read(path: Path) -> dict[str, Any] | None:
    """A whole file or nothing: files appear under their names only when they are complete."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _as_json(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, default=_plain, indent=1)
    return text.encode("utf-8", "backslashreplace")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _write(target: Path, data: bytes) -> None:
    with _written(target, data) as draft:
        draft.replace(target)


def _write_once(target: Path, data: bytes) -> bool:
    """Write unless it is there; of several at once exactly one hears True."""
    with _written(target, data) as draft:
        try:
            os.link(draft, target)
        except FileExistsError:
            return False
    return True


class _written:
    """The bytes on disk under a private name, which is gone afterwards."""

    def __init__(self, target: Path, data: bytes) -> None:
        self._path = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
        handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())

    def __enter__(self) -> Path:
        return self._path

    def __exit__(self, *_: object) -> None:
        with suppress(FileNotFoundError):
            self._path.unlink()
