"""Why a file as a whole cannot be taken. Bad records inside a file are no errors: see `reasons`."""

from __future__ import annotations


class LandingError(ValueError):
    """A file is refused at the door. The message names the file and says what to do."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem


class MappingError(ValueError):
    """A `mapping.yml` is wrong. The message names the source, the place and the mistake."""
