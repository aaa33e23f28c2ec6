"""Runs the benchmarks and writes `benchmarks/results.md`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import b1a_load, b1b_readers, b2_b3_build, b4_visible
from benchmarks.measure import HEADER, conditions

RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=250_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="b1a,b1b,b2a,b3,b4,b5a")
    arguments = parser.parse_args()
    chosen = set(arguments.only.split(","))
    lines = [f"## {arguments.orders:,} orders", "", conditions(), "", HEADER]

    def add(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    if "b1a" in chosen:
        for comparison in b1a_load.run(arguments.orders, arguments.pairs):
            add(comparison.row())
    if "b1b" in chosen:
        for line in ("", b1b_readers.HEADER, *b1b_readers.run(arguments.orders, arguments.pairs)):
            add(line)
        add("")
        add(HEADER)
    if "b2a" in chosen:
        for comparison in b2_b3_build.b2a(arguments.orders, arguments.pairs):
            add(comparison.row())
    if "b3" in chosen:
        for line in b2_b3_build.b3(arguments.orders, arguments.pairs):
            add(line)
    if "b4" in chosen:
        add(b4_visible.run(arguments.orders, files=2 * arguments.pairs))
    if "b5a" in chosen:
        from benchmarks import b5a_queue_page

        for line in b5a_queue_page.run(arguments.orders):
            add(line)
    known = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Results\n\nGenerated.\n"
    RESULTS.write_text(known + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
