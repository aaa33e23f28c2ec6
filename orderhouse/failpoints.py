"""Named moments at which a test may kill the process.

`reach("landing.after_write")` costs a comparison. With `ORDERHOUSE_FAILPOINT=landing.after_write:2`
the process dies by SIGKILL, without any clean-up, the second time it gets there. Names are
`<module>.<moment>`; every moment before and after something durable happens deserves one.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

from orderhouse.settings import get_settings

_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Die here if the settings say so."""
    wanted = get_settings().failpoint
    if wanted is None:
        return
    target, _, nth = wanted.partition(":")
    if target != name:
        return
    _reached[name] += 1
    if _reached[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
