"""A mapping for a table nobody has seen before: looked at, proposed, tried.

`propose` looks at a sample and writes a `mapping.yml`; `try_out` says what a mapping would make of
a file, by landing and loading it in a home that is thrown away: the same code as for real.
"""

from ingestion.proposing.propose import Proposal, propose
from ingestion.proposing.sample import Sample, Unreadable, look_at
from ingestion.proposing.trying import Trial, try_out

__all__ = ["Proposal", "Sample", "Trial", "Unreadable", "look_at", "propose", "try_out"]
