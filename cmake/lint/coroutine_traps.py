#!/usr/bin/env python3
"""Finds the coroutine shapes that g++ 12 compiles wrongly: it destroys a temporary of the expression twice.
The safe spelling is always the same: name the object first, then await it.

A line that is right all the same carries `// no trap: ` and the reason."""

import argparse
import os
import pathlib
import re
import sys

BRACES = "a braced object inside a co_await expression; name it first"
CAPTURE = "a lambda with captured values inside a co_await expression; name it first"
CHOICE = "a choice `?:` around or inside a co_await expression; use if, or name the value first"
NEW = "new T(co_await ...); await first, then make the object"
INSIDE = "co_await inside a braced list; await first, then make the object"
DEFAULT = "a default argument in braces, made at each co_await of this function; write T() instead"

SUFFIXES = {".c++", ".cc", ".cpp", ".cxx", ".h", ".h++", ".hh", ".hpp", ".hxx", ".inl", ".ipp", ".tpp"}

LITERAL = re.compile(r'''//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'''
                     r"""|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'""", re.S)
WORD = re.compile(r"\bco_await\b")
SUBSCRIPT = re.compile(r"(?<!\bco_await)(?<!\bco_return)(?<!\bco_yield)(?<!\breturn)(?<=[\w)\]])\s*$")
# `T{}` of a class with a constructor is compiled rightly. Those of the standard library have one, but for array.
MADE_BY_CONSTRUCTOR = re.compile(r"\bstd::(?!array\b)\w+\s*(<[^;{}()]*>\s*)?$")
AWAITABLE = re.compile(r"\b(?:task|awaitable)\s*<")
BLOCK_BEFORE = re.compile(r"(\)|[:{}]|\b(else|do|try|const|noexcept|override|final|mutable)|->[^;{}]*|^)$",
                          re.S)


def blank(text):
    """The same text with comments, string and character literals as spaces, newlines kept."""
    return LITERAL.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def operand_end(code, start):
    """Where the expression from `start` ends: at a `;`, or a bracket or comma of what is around it."""
    depth = 0
    for at in range(start, len(code)):
        c = code[at]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                return at
            depth -= 1
        elif c in ";," and depth == 0:
            return at
    return len(code)


def matching(code, start):
    """The bracket that closes the one at `start`."""
    depth = 0
    for at in range(start, len(code)):
        if code[at] in "([{":
            depth += 1
        elif code[at] in ")]}":
            depth -= 1
            if depth == 0:
                return at
    return len(code) - 1


def lambda_at(code, at):
    """(captures, place after the body) when a lambda begins at `at`, else None."""
    if code[at] != "[" or SUBSCRIPT.search(code[max(0, at - 80):at]):
        return None
    end = matching(code, at)
    head = re.match(r"\s*(<[^{};]*>)?\s*(\((?:[^(){}]|\([^()]*\))*\))?[^;{}()]*\{", code[end + 1:])
    if not head:
        return None
    return code[at + 1:end], matching(code, end + head.end()) + 1


def owns(captures):
    """Whether a capture list takes values: `[&]`, `[&x]` and `[this]` own nothing."""
    parts = [p.strip() for p in re.split(r",(?![^(<{]*[)>}])", captures) if p.strip()]
    return any(not p.startswith("&") and p != "this" for p in parts)


def faults_inside(code, start, end):
    at = start
    while at < end:
        found = lambda_at(code, at)
        if found:
            if owns(found[0]):
                yield at, CAPTURE
            at = found[1]
            continue
        if code[at] == "{":
            close = matching(code, at)
            if code[at + 1:close].strip() or not MADE_BY_CONSTRUCTOR.search(code[:at]):
                yield at, BRACES
            at = close + 1
            continue
        if code[at] == "?":
            yield at, CHOICE
        at += 1


def enclosing(code, place):
    """The innermost bracket that is open at `place`, and where the statement around `place` begins."""
    depth = 0
    for at in range(place - 1, -1, -1):
        c = code[at]
        if c in ")]}":
            if c == "}" and depth == 0 and re.match(r"\s*[\w*&(]", code[at + 1:]):
                return at, None  # a block has ended: a new statement begins
            depth += 1
        elif c in "([{":
            if depth == 0:
                return at, c
            depth -= 1
        elif c == ";" and depth == 0:
            return at, None
    return -1, None


def without_closed(code):
    """The text without what stands in brackets that are closed again."""
    shorter = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}", "", code)
    return code if shorter == code else without_closed(shorter)


def faults_around(code, place):
    at = place
    while True:
        at, bracket = enclosing(code, at)
        between = without_closed(code[at + 1:place])
        if re.search(r"\bnew\b[^;{}(]*\(", between):
            yield NEW
            return
        if "?" in between:
            yield CHOICE
            return
        if bracket is None:
            return
        if bracket == "{":
            if not BLOCK_BEFORE.search(code[:at].rstrip()[-200:].rsplit(";", 1)[-1]):
                yield INSIDE
            return


def faults_in_defaults(code):
    """`task<> f(int, options = {})`: whoever awaits f(1) has a braced object in that expression unseen."""
    for word in AWAITABLE.finditer(code):
        name = re.compile(r"[^<>;{}()]*(?:<[^<>;{}()]*(?:<[^<>;{}()]*>[^<>;{}()]*)*>)?>\s*[\w:]+\s*(\()")
        found = name.match(code, word.end())
        if not found:
            continue
        end = matching(code, found.start(1))
        parameters = code[found.start(1) + 1:end]
        for default in re.finditer(r"([\w:]+(?:<[^={}()]*>)?)[\s&*]*\w*\s*=([^=,(){}]*)\{", parameters):
            if not MADE_BY_CONSTRUCTOR.search(default[2].strip() or default[1]):
                yield found.start(1) + 1 + default.start(2), DEFAULT


def check(text):
    code = blank(text)
    lines = text.splitlines()
    found = set()
    for word in WORD.finditer(code):
        end = operand_end(code, word.end())
        for at, why in faults_inside(code, word.end(), end):
            found.add((code.count("\n", 0, at) + 1, why))
        for why in faults_around(code, word.start()):
            found.add((code.count("\n", 0, word.start()) + 1, why))
    for at, why in faults_in_defaults(code):
        found.add((code.count("\n", 0, at) + 1, why))
    return sorted((line, why) for line, why in found if "// no trap: " not in lines[line - 1])


BAD = [
    (BRACES, "co_await f({.host = h});"),
    (BRACES, "auto x = co_await f(a, {h, 1});"),
    (BRACES, "co_await s.write(std::vector<std::string>{a, b});"),
    (BRACES, "co_return co_await send(message{.text = t});"),
    (BRACES, "co_await f({});"),
    (BRACES, "co_await f(a, options{});"),
    (BRACES, "co_await f(std::array<std::string, 2>{});"),
    (BRACES, "co_await s.write(person{name}.name);"),
    (DEFAULT, "naru::task<> f(int n, options o = {});"),
    (DEFAULT, "boost::asio::awaitable<std::optional<std::vector<int>>> f(options o = options{}, int n = 1);"),
    (DEFAULT, "task<int> thing::f(const options& o = {.host = h}) const;"),
    (CAPTURE, "co_await [text]() -> task<> { co_return; }();"),
    (CAPTURE, "co_return co_await [text]() -> task<> { co_return; }();"),
    (CAPTURE, "co_await s.write(co_await run([text = std::string(*line)] { return text; }), \"\\n\");"),
    (CAPTURE, "co_await run([text] { use(text); });"),
    (CAPTURE, "co_await run([=](int n) -> task<> { co_return; });"),
    (CAPTURE, "co_await run([&a, held = std::move(b)]() mutable { held(); });"),
    (CHOICE, "auto x = ready ? co_await a() : 0;"),
    (CHOICE, "co_await f(ready ? std::string(\"a\") : b);"),
    (CHOICE, "auto x = ready ? 0 : co_await a();"),
    (NEW, "auto* x = new T(co_await a());"),
    (NEW, "std::unique_ptr<T> x(new T(1, co_await a()));"),
    (INSIDE, "auto x = point{co_await a(), 1};"),
    (INSIDE, "point x{co_await a()};"),
    (INSIDE, "return std::vector<int>{1, co_await a()};"),
    (INSIDE, "point x = {co_await a()};"),
]
GOOD = [
    "while (auto line = co_await s.read_line()) { use(*line); }",
    "const options o{.host = h}; co_await f(o);",
    "auto [a, b] = co_await f();",
    "co_await s.write(std::string(\"{\"), \"?\");",
    "co_await run([&] { x = 1; });",
    "co_await run([this, &a]() { a(); });",
    "if (x) { co_await a(); } else { co_await b(); }",
    "auto f = [text]() -> task<> { co_await g(text); };",
    "try { co_await a(); } catch (const error& e) { log(e); }",
    "do { co_await a(); } while (x ? y : z);",
    "x = y ? 1 : 2; co_await a();",
    "for (;;) { co_await wait(); }",
    "task<> f() { co_await a(std::string{}); }",
    "co_await f(std::vector<int>{});",
    "task<> f(options o = options());",
    "task<> f(std::string o = std::string{}, int n = 1);",
    "task<> f(int n, std::string_view o = {}, const std::vector<int>& = {});",
    "task<> f(options o); void g(options o = {});",
    "co_await run([](const std::string& text) { use(text); }, std::string(*line));",
    "co_await (*table)[index](x);",
    "spawn([v]() -> naru::task<int> { co_return co_await a(v); });",
    "// co_await f({.host = h});\ntext(\"co_await f({1})\");",
    "co_await f({1, 2}); // no trap: two ints own nothing",
    "if (co_await ready()) { point p{1, 2}; }",
    "co_await table[index](x);",
    "if (a ? b : c) co_await d();",
    "if (a) { b(x ? y : z); } while (c) { d(); } co_await e();",
    "if (a) { b(); } { co_await c(); }",
    "take(new T(1), co_await a());",
    "switch (co_await a()) { case 1: co_await b(); break; default: { co_await c(); } }",
]


def self_test():
    wrong = 0
    for why, text in BAD:
        found = check("task<> f()\n{\n    " + text + "\n}\n")
        if [fault for _, fault in found] != [why]:
            wrong += 1
            print(f"self-test: expected '{why}', found {found}: {text}", file=sys.stderr)
    for text in GOOD:
        found = check("task<> f()\n{\n    " + text + "\n}\n")
        if found:
            wrong += 1
            print(f"self-test: wrongly found: {text}: {found}", file=sys.stderr)
    print(f"coroutine_traps: self-test: {len(BAD) + len(GOOD)} cases, {wrong} wrong")
    return wrong


def sources(paths):
    """The files as they are named, and of each directory the C++ files below it, hidden ones left out."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, below, names in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith("."))
            yield from (pathlib.Path(folder, name) for name in sorted(names)
                        if pathlib.Path(name).suffix in SUFFIXES)


def own_sources():
    """Those of the repository that this file is part of; none when it is installed."""
    root = pathlib.Path(__file__).resolve().parents[2]
    folders = [root / name for name in ("lib", "apps", "tests")]
    return [pathlib.Path(os.path.relpath(folder)) for folder in folders if (root / "dev").is_file()]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 when nothing is found, 1 when something is, 2 when a file cannot be read.\n"
               "It knows no types: an aggregate made with parentheses, T(a, b), it cannot see.")
    parser.add_argument("paths", nargs="*", type=pathlib.Path, metavar="PATH",
                        help="a file, or a directory with C++ files below it")
    parser.add_argument("--self-test", action="store_true", help="check the checker, and nothing else")
    chosen = parser.parse_args()
    chosen.paths = chosen.paths or own_sources()
    if not chosen.paths and not chosen.self_test:
        parser.error("name a file or a directory")
    return chosen


def main():
    chosen = arguments()
    if chosen.self_test:
        return 1 if self_test() else 0
    files = count = 0
    for path in sources(chosen.paths):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as e:
            print(f"coroutine_traps: {path}: {e.strerror}", file=sys.stderr)
            return 2
        files += 1
        for line, why in check(text):
            count += 1
            print(f"{path}:{line}: {why}", file=sys.stderr)
    print(f"coroutine_traps: {files} files, {count} faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
