#!/usr/bin/env python3
"""What it costs to compile a user's first file: CPU seconds and megabytes, with a ceiling for each. The
ceilings leave room for a slow or busy machine; the figures are printed, so that a rise is seen early."""

import argparse
import pathlib
import resource
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def compile_once(compiler, output):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([compiler, "-std=c++20", "-O2", f"-I{HERE.parents[1]}/lib/include",
                    "-DBOOST_ASIO_SEPARATE_COMPILATION", "-DBOOST_BEAST_SEPARATE_COMPILATION",
                    "-c", HERE / "hello.cpp", "-o", output], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--compiler", default="g++")
    arguments.add_argument("--seconds", type=float, default=8)
    arguments.add_argument("--megabytes", type=float, default=250)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [compile_once(options.compiler, pathlib.Path(folder, "hello.o")) for _ in range(3)]
    seconds, megabytes = min(r[0] for r in runs), max(r[1] for r in runs)
    print(f"hello.cpp at -O2: {seconds:.2f} s of CPU (ceiling {options.seconds:g}), "
          f"{megabytes:.0f} MB (ceiling {options.megabytes:g})")
    raise SystemExit(seconds > options.seconds or megabytes > options.megabytes)


if __name__ == "__main__":
    main()
