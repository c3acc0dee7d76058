"""What the scripts beside this file share: a page is written, or with --check compared with what would be."""

import sys


def run(script, path, text):
    """The exit status: 1 where `--check` finds that the file at `path` is not `text`."""
    if "--check" not in sys.argv[1:]:
        path.write_text(text, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    print(f"{path}: not up to date; run: PYTHONPATH=python python docs/{script}", file=sys.stderr)
    return 1
