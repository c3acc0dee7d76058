"""Compares two result files line by line: before and after.

python -m bench.compare BEFORE.json AFTER.json [--peer convcore] [--only NAME...] [--relative PEER]
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

from bench import harness


def medians(path: str, peer: str, relative: str | None) -> dict[tuple[str, int], tuple[float, float]]:
    """(case, threads) -> (median seconds, spread) of one library; of equal lines the last counts.

    With `relative`, the median is divided by that library's in the same run, which takes the machine's mood
    out of the comparison.
    """
    found = {}
    for line in json.loads(Path(path).read_text()):
        if peer not in line["peers"] or (relative and relative not in line["peers"]):
            continue
        median, iqr = harness.spread(line["peers"][peer]["seconds"])
        other = harness.spread(line["peers"][relative]["seconds"])[0] if relative else 1.0
        found[line["case"], line["threads"]] = (median / other, iqr / median)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--peer", default="convcore")
    parser.add_argument("--relative", help="divide by this library's time in the same run")
    parser.add_argument("--only", nargs="*", help="cases whose name contains one of these")
    options = parser.parse_args()
    before = medians(options.before, options.peer, options.relative)
    after = medians(options.after, options.peer, options.relative)
    shared = [key for key in before if key in after]
    if options.only:
        shared = [key for key in shared if any(part in key[0] for part in options.only)]
    unit = f"x {options.relative}" if options.relative else "ms"
    scale = 1.0 if options.relative else 1e3
    print(f"{'case':40} {'threads':>7} {'before ' + unit:>14} {'after ' + unit:>14} {'speed-up':>9}")
    speedups = []
    for name, threads in shared:
        (old, old_spread), (new, new_spread) = before[name, threads], after[name, threads]
        speedups.append(old / new)
        noisy = "" if abs(math.log(old / new)) > max(old_spread, new_spread) else "  within the spread"
        line = f"{name:40} {threads:7} {old * scale:14.4g} {new * scale:14.4g}"
        print(f"{line} {speedups[-1]:8.2f}x{noisy}")
    for name, threads in sorted({*before, *after} - {*shared}) if not options.only else ():
        where = "first" if (name, threads) in before else "second"
        print(f"{name:40} {threads:7}  only in the {where} file")
    if speedups:
        mean = math.exp(sum(map(math.log, speedups)) / len(speedups))
        print(f"geometric mean of {len(speedups)} lines: {mean:.2f}x")


if __name__ == "__main__":
    main()
