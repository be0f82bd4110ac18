#!/usr/bin/env python3
"""The rules of the house that no compiler checks: every include goes down, what is behind the wall stays
there, each body has its place in CMake and its test, no file is a drawer. `--self-test` checks itself."""

import pathlib
import re
import sys
import tempfile

FLOORS = {"base": 0, "net": 1, "server": 2, "raw": 3, "http": 3, "hub": 3, "testing": 4}
DRAWERS = {"util", "utils", "utility", "utilities", "helper", "helpers", "common", "misc", "stuff", "tools"}
SOURCES = {".hpp", ".cpp", ".h", ".c"}
PROSE = {".md", ".json"}  # a table's row or a string has no place to break

# Public headers may name of other libraries only these: a user's file must compile in a few seconds.
OPEN = re.compile(
    r"boost/asio/awaitable\.hpp|boost/beast/http/(verb|status|field)\.hpp|boost/json/fwd\.hpp"
    r"|boost/system/[a-z_]+\.hpp|boost/assert/source_location\.hpp|[a-z_]+|c[a-z]+|sys/[a-z]+\.h|[a-z]+\.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
MARK = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")  # house: names them


def includes(text):
    return [(text.count("\n", 0, m.start()) + 1, m[1], m[2]) for m in INCLUDE.finditer(text)]


def floor_of(path):
    """lib/include/naru/net/stream.hpp and lib/src/net/stream.cpp are on floor `net`, naru.hpp on none."""
    parts = path.parts
    inside = parts[3:] if parts[:3] == ("lib", "include", "naru") else parts[2:]
    return inside[0] if len(inside) > 1 else None


def check_includes(path, text, exists):
    public = path.parts[:2] == ("lib", "include")
    own = floor_of(path) if path.parts[0] == "lib" else None
    for line, quote, name in includes(text):
        place = f"{path}:{line}"
        inside = re.fullmatch(r"(?:naru/)?([a-z]+)/[a-z0-9_]+\.hpp", name)
        target = inside[1] if inside and (quote == '"' or name.startswith("naru/")) else None
        if target and target in FLOORS and own:
            up = FLOORS[target] > FLOORS[own]
            sideways = FLOORS[target] == FLOORS[own] and target != own
            if up or sideways:
                yield f"{place}: {own} includes {target}: an include goes down, never up or sideways"
        if name.startswith("naru/"):
            if quote != "<":
                yield f"{place}: a public header is included as <{name}>"
            if not exists(f"lib/include/{name}"):
                yield f"{place}: there is no lib/include/{name}"
        elif quote == '"' and path.parts[0] == "lib":
            if not exists(f"lib/src/{name}"):
                yield f'{place}: a private header is included as "<floor>/<name>.hpp" from lib/src'
        if public and quote == '"':
            yield f"{place}: a public header includes no private one"
        if public and quote == "<" and not name.startswith("naru/") and not OPEN.fullmatch(name):
            yield f"{place}: <{name}> belongs behind the wall, in a body"
        if path.parts[0] == "apps" and quote == '"' and exists(f"lib/src/{name}"):
            yield f"{place}: a program knows the public headers only"


def check_file(path, text, exists, columns):
    if path.suffix in (".hpp", ".h") and not re.search(r"^#pragma once$", text, re.M):
        yield f"{path}: no #pragma once"
    if path.suffix in SOURCES:
        yield from check_includes(path, text, exists)
    if path.suffix == ".py":
        columns += 10  # no formatter breaks its lines
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > columns and path.suffix not in PROSE:
            yield f"{path}:{number}: longer than {columns} columns"
        if MARK.search(line) and "house: names them" not in line:
            yield f"{path}:{number}: finish it or file it, but leave no mark"


def check_places(paths, read):
    """One name, three places: header, body, test. And CMake lists each by name."""
    lists = {p: read(p) for p in ("lib/CMakeLists.txt", "tests/unit/CMakeLists.txt")}

    def listed(where, name):
        return re.search(rf"(^|\s){re.escape(name)}(\s|\)|$)", lists[where]) is not None

    for path in paths:
        name = path.as_posix()
        if {path.stem, *path.parts[:-1]} & DRAWERS:
            yield f"{name}: a drawer; name the noun"
        if path.parts[:2] == ("lib", "src") and len(path.parts) > 3 or path.parts[:2] == ("lib", "include"):
            floor = floor_of(path)
            if floor is not None and floor not in FLOORS:
                yield f"{name}: there is no floor {floor}"
        if path.parts[0] == "lib" and path.suffix in (".cpp", ".hpp"):
            inside = "/".join(path.parts[1:])
            counts = path.suffix == ".cpp" or path.parts[1] == "include"
            if counts and not listed("lib/CMakeLists.txt", inside):
                yield f"{name}: not in lib/CMakeLists.txt"
            if path.suffix == ".cpp" and floor_of(path):
                test = f"{floor_of(path)}/{path.stem}_test.cpp"
                if pathlib.Path("tests/unit", test) not in paths:
                    yield f"{name}: no tests/unit/{test}"
        if path.parts[:2] == ("tests", "unit") and path.suffix == ".cpp":
            if not listed("tests/unit/CMakeLists.txt", "/".join(path.parts[2:])):
                yield f"{name}: not in tests/unit/CMakeLists.txt"


def check(root):
    ignored = {".git", "build", "__pycache__"}
    paths = {p.relative_to(root) for p in root.rglob("*")
             if p.is_file() and not ignored & set(p.relative_to(root).parts)}
    folders = {"lib", "apps", "tests", "cmake", "docs", ".ci"}
    paths = {p for p in paths if p.parts[0] in folders or len(p.parts) == 1}

    def read(path):
        return (root / path).read_text(encoding="utf-8", errors="replace") if (root / path).exists() else ""

    def exists(name):
        return (root / name).is_file()

    columns = int(re.search(r"^ColumnLimit: (\d+)$", read(".clang-format"), re.M)[1])
    paths = {path for path in paths if path.parts[:3] != ("tests", "fuzz", "corpus")}  # bytes, not text
    found = [fault for path in sorted(paths) for fault in check_file(path, read(path), exists, columns)]
    return found + list(check_places(paths, read)), len(paths)


SELF_TEST = [  # path, text, a part of the one fault that it must give, or "" for none
    ("lib/include/naru/net/a.hpp", "#pragma once\n#include <naru/base/error.hpp>\n#include <vector>\n", ""),
    ("lib/include/naru/net/b.hpp", "#pragma once\n#include <naru/server/limits.hpp>\n", "never up"),
    ("lib/include/naru/raw/c.hpp", "#pragma once\n#include <naru/http/serve.hpp>\n", "never up or sideways"),
    ("lib/include/naru/net/d.hpp", "#pragma once\n#include <boost/asio.hpp>\n", "behind the wall"),
    ("lib/include/naru/net/e.hpp", "#pragma once\n#include <spdlog/spdlog.h>\n", "behind the wall"),
    ("lib/include/naru/net/f.hpp", "#include <vector>\n", "no #pragma once"),
    ("lib/include/naru/net/g.hpp", '#pragma once\n#include "base/cork.hpp"\n', "no private one"),
    ("lib/src/base/h.hpp", '#pragma once\n#include "server/turn.hpp"\n', "never up"),
    ("lib/src/server/i.hpp", '#pragma once\n#include "base/cork.hpp"\n', ""),
    ("lib/src/server/j.hpp", '#pragma once\n#include "cork.hpp"\n', 'included as "<floor>/<name>.hpp"'),
    ("lib/src/server/k.cpp", "int x;\n", "not in lib/CMakeLists.txt"),
    ("lib/src/server/utils.hpp", "#pragma once\n", "a drawer"),
    ("lib/src/cellar/l.hpp", "#pragma once\n", "no floor cellar"),
    ("apps/demo/m.cpp", '#include "base/cork.hpp"\n', "public headers only"),
    ("tests/unit/base/n_test.cpp", "int x;\n", "not in tests/unit/CMakeLists.txt"),
    ("docs/o.md", "TO" "DO later\n", "leave no mark"),
    ("lib/src/base/p.hpp", "#pragma once\n// " + "x" * 110 + "\n", "110 columns"),
    ("lib/src/base/q.hpp", "#pragma once\n#include <naru/base/nowhere.hpp>\n", "there is no lib/include"),
]


def self_test():
    ground = {".clang-format": "ColumnLimit: 110\n",
              "lib/CMakeLists.txt": "x", "tests/unit/CMakeLists.txt": "x",
              "lib/src/base/cork.hpp": "#pragma once\n", "lib/src/server/turn.hpp": "#pragma once\n"}
    bare = ["naru/base/error.hpp", "naru/server/limits.hpp", "naru/http/serve.hpp"]
    wrong = 0
    for name, text, expected in SELF_TEST:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            public = {f"lib/include/{b}": "#pragma once\n" for b in bare}
            ground["lib/CMakeLists.txt"] = " ".join(f"include/{b}" for b in bare) + " include/" + name[12:]
            for path, content in {**ground, **public, name: text}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(content)
            found = [fault for fault in check(root)[0] if fault.startswith(name)]
            right = any(expected in fault for fault in found) if expected else not found
            if not right:
                wrong += 1
                print(f"self-test: {name}: expected '{expected}', found {found}", file=sys.stderr)
    print(f"house: self-test: {len(SELF_TEST)} cases, {wrong} wrong")
    return wrong


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    faults, count = check(pathlib.Path(__file__).resolve().parents[2])
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"house: {count} files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
