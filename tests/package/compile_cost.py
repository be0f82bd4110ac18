#!/usr/bin/env python3
"""What it costs to compile a user's first file: CPU seconds and megabytes, each as a multiple of what least.cpp
costs, which includes only what no such program can do without. So the ceilings hold for any compiler, standard
library, Boost and machine; a further header of Asio's or Beast's exceeds them."""

import argparse
import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def compile_once(compiler, source, output):
    process = subprocess.Popen([compiler, "-std=c++20", "-O2", f"-I{HERE.parents[1]}/lib/include",
                                "-DBOOST_ASIO_SEPARATE_COMPILATION", "-DBOOST_BEAST_SEPARATE_COMPILATION",
                                "-c", HERE / source, "-o", output])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{source} does not compile")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--compiler", default="g++")
    arguments.add_argument("--times-seconds", type=float, default=2)
    arguments.add_argument("--times-megabytes", type=float, default=1.3)
    options = arguments.parse_args()
    runs = {"least.cpp": [], "hello.cpp": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(3):
            for source, costs in runs.items():
                costs.append(compile_once(options.compiler, source, pathlib.Path(folder, "unit.o")))
    (least_seconds, least_megabytes), (seconds, megabytes) = (
        [min(cost) for cost in zip(*costs)] for costs in runs.values())
    print(f"hello.cpp at -O2: {seconds:.2f} s of CPU, {seconds / least_seconds:.2f} times least.cpp (ceiling "
          f"{options.times_seconds:g}); {megabytes:.0f} MB, {megabytes / least_megabytes:.2f} times (ceiling "
          f"{options.times_megabytes:g})")
    raise SystemExit(seconds > options.times_seconds * least_seconds
                     or megabytes > options.times_megabytes * least_megabytes)


if __name__ == "__main__":
    main()
