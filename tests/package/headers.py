#!/usr/bin/env python3
"""Compiles every header of the library by itself: a private one with the include path of the library's sources, a
public one as a user's own code does that has strict warnings as errors. A public header in an older language
standard says by its first error what is wrong."""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PUBLIC, PRIVATE = ROOT / "lib/include", ROOT / "lib/src"
SEPARATE = ["-DBOOST_ASIO_SEPARATE_COMPILATION", "-DBOOST_BEAST_SEPARATE_COMPILATION"]
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wnon-virtual-dtor", "-Wconversion", "-Wsign-conversion",
          "-Wold-style-cast", "-Wcast-align", "-Wunused", "-Woverloaded-virtual", "-Wnull-dereference",
          "-Wdouble-promotion", "-Wformat=2", "-Wundef", "-Wextra-semi", "-Wmissing-declarations", "-Werror"]
GNU_ONLY = ["-Wuseless-cast", "-Wduplicated-cond", "-Wduplicated-branches", "-Wlogical-op"]


def compile_header(compiler, header, folder, *options):
    """The unit is one include and stands on standard input."""
    done = subprocess.run([compiler, "-fsyntax-only", *options, *SEPARATE, f"-I{PUBLIC}", f"-I{PRIVATE}",
                           "-x", "c++", "-"], input=f"#include <{header.relative_to(folder)}>\n",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def compiles(compiler, header, folder):
    strict = STRICT if folder == PUBLIC else ["-Wall", "-Wextra", "-Werror"]
    if folder == PUBLIC and "clang" not in compiler:
        strict = strict + GNU_ONLY
    status, output = compile_header(compiler, header, folder, "-std=c++20", *strict)
    return "" if status == 0 else f"{header}: does not compile by itself:\n{output}"


def names_the_standard(compiler, header, folder):
    status, output = compile_header(compiler, header, folder, "-std=c++17")
    first = next((line for line in output.splitlines() if ": error:" in line), "")
    if status and "Naru needs C++20" in first:
        return ""
    return f"{header}: with -std=c++17 the first error is not the language standard: {first}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--compiler", default="g++")
    options = arguments.parse_args()

    public = sorted(PUBLIC.rglob("*.hpp"))
    private = sorted(PRIVATE.rglob("*.hpp"))
    assert public and private
    checks = [(compiles, header, PUBLIC) for header in public]
    checks += [(compiles, header, PRIVATE) for header in private]
    checks += [(names_the_standard, header, PUBLIC) for header in public]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(check, options.compiler, header, folder) for check, header, folder in checks]
        faults = [fault for fault in (job.result() for job in jobs) if fault]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"headers: {len(public)} public, {len(private)} private, {len(faults)} faults")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
