"""The rooms of the C++ core may include each other in one direction only; see docs/architecture.md."""

import pathlib
import re

import pytest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "cpp" / "src"
PUBLIC = SOURCES.parent / "include"

# room -> rooms whose headers it may include. A file belongs to the first room whose path it starts with.
ALLOWED = {
    "base": {"base"},
    "graph/passes": {"base", "graph", "graph/passes"},
    "graph": {"base", "graph"},
    "kernels": {"base", "kernels"},
    "ops": {"base", "graph", "kernels", "ops"},
    "plan": {"base", "graph", "graph/passes", "ops", "plan"},
    "runtime": {"base", "graph", "plan", "runtime"},
    "io": {"base", "graph", "io"},
    "api": {"base", "graph", "io", "kernels", "plan", "runtime"},
}


def room_of(path):
    return next((room for room in ALLOWED if path.startswith(room + "/")), None)


def project_includes(file):
    found = re.findall(r'^\s*#include\s+"([^"]+)"', file.read_text(), flags=re.MULTILINE)
    return [name for name in found if (SOURCES / name).exists()]


FILES = sorted(str(f.relative_to(SOURCES)) for f in SOURCES.rglob("*") if f.suffix in {".h", ".cpp", ".def"})


def test_every_file_belongs_to_a_room():
    assert len(FILES) > 50
    assert [f for f in FILES if room_of(f) is None] == []


@pytest.mark.parametrize("room", ALLOWED)
def test_includes_go_one_way(room):
    wrong = [
        f"{file} includes {name}"
        for file in FILES
        if room_of(file) == room
        for name in project_includes(SOURCES / file)
        if room_of(name) not in ALLOWED[room]
    ]
    assert wrong == []


def test_every_include_in_quotes_names_a_file_of_the_project():
    wrong = [
        f"{file} includes {name}"
        for file in FILES
        for name in re.findall(r'^\s*#include\s+"([^"]+)"', (SOURCES / file).read_text(), flags=re.MULTILINE)
        if not (SOURCES / name).exists() and not (PUBLIC / name).exists()
    ]
    assert wrong == []


def test_public_headers_include_nothing_of_the_inside():
    wrong = [
        f"{file.name} includes {name}"
        for file in PUBLIC.rglob("*.h")
        for name in re.findall(r'^\s*#include\s+"([^"]+)"', file.read_text(), flags=re.MULTILINE)
        if not (PUBLIC / name).exists()
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("pattern", "only"),
    [
        (r"std::j?thread[\s({]|std::async|pthread_create", "runtime/team.cpp"),
        (r"#pragma omp|omp\.h", "runtime/parallel.cpp"),
    ],
)
def test_only_one_file_starts_threads(pattern, only):
    assert [f for f in FILES if re.search(pattern, (SOURCES / f).read_text())] == [only]
