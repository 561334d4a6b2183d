"""`make bench`: run every benchmark, or those named, and print one table of ratios."""

import importlib
import os
import platform
import sys

BENCHMARKS = ("extraction", "feeds", "imports", "startup", "crawl", "hostile", "copies", "claims")


def main() -> None:
    """Print what it ran on, then each row as soon as it is there."""
    print(f"CPython {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}; medians of CPU seconds")
    for name in sys.argv[1:] or BENCHMARKS:
        for line in importlib.import_module(f"benchmarks.{name}").run():
            print(line, flush=True)


if __name__ == "__main__":
    main()
