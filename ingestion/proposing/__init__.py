"""A mapping for a table nobody has seen before: looked at, proposed, tried, kept.

`propose` looks at a sample and writes a `mapping.yml`; `try_out` says what a mapping would make of
a file, by landing and loading it in a home that is thrown away: the same code as for real.
`describe` tells all of it without personal data; `write_source` puts it into the home.
"""

from ingestion.proposing.describing import Hiding, describe
from ingestion.proposing.keeping import check_free, write_source
from ingestion.proposing.propose import NoStream, Proposal, propose, proposed
from ingestion.proposing.sample import Sample, Unreadable, look_at
from ingestion.proposing.trying import Trial, try_out

__all__ = [
    "Hiding", "NoStream", "Proposal", "Sample", "Trial", "Unreadable", "check_free", "describe",
    "look_at", "propose", "proposed", "try_out", "write_source",
]  # fmt: skip
