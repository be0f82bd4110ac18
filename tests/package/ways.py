#!/usr/bin/env python3
"""Links Naru from outside, as its users do: find_package, pkg-config, add_subdirectory and FetchContent, each
with a static and a shared library. Each way builds hello.cpp, runs it, and asks it over HTTP and over a raw
socket.

The installed ways run from a copy, against a prefix that was moved after it was installed, and with the
source tree hidden behind an empty file system, so that nothing but what was installed can be found."""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
KINDS = {"static": "OFF", "shared": "ON"}


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}\nexit status {done.returncode}")
    return done.stdout


def out_of_reach():
    """What, in front of a command, hides the source tree from it; empty where the kernel does not let us."""
    for unshare in (["unshare", "-m"], ["unshare", "-rm"]):
        hide = [*unshare, "sh", "-c", 'mount -t tmpfs none "$0" && cd / && exec "$@"', str(SOURCE)]
        try:
            seen = subprocess.run([*hide, "ls", "-A", str(SOURCE)], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        if not seen.stdout.strip():
            return hide
    return []


def check_server(way, command, environment=None):
    """Runs a built hello and has the two conversations that it offers."""
    with subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, **(environment or {})}) as server:
        try:
            ports = {}
            for _ in range(2):
                line = server.stdout.readline()
                found = re.fullmatch(r"listening (raw|http) tcp://127\.0\.0\.1:(\d+)\n", line)
                assert found, f"{way}: unexpected output: {line!r}"
                ports[found[1]] = int(found[2])
            answer = run("curl", "-sS", "-m", "10", f"http://127.0.0.1:{ports['http']}/hello/world")
            assert answer == "hello, world\n", f"{way}: HTTP answered {answer!r}"
            with socket.create_connection(("127.0.0.1", ports["raw"]), timeout=10) as raw:
                raw.sendall(b"ahoy\n")
                raw.shutdown(socket.SHUT_WR)
                echoed = b"".join(iter(lambda: raw.recv(100), b""))
            assert echoed == b"ahoy\r\n", f"{way}: the raw socket answered {echoed!r}"
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=20) == 0, f"{way}: exit status {server.returncode} after SIGTERM"
        finally:
            if server.poll() is None:
                server.kill()
    check_error(way, command, environment)
    print(f"{way}: built, ran, answered", flush=True)


def check_error(way, command, environment=None):
    """What the library throws, the program catches by its type."""
    refused = subprocess.run([*map(str, command), "tcp://nowhere"], stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, timeout=20, check=False, env={**os.environ, **(environment or {})})
    assert refused.returncode == 1 and refused.stderr.startswith("caught: listen tcp://nowhere: "), \
        f"{way}: expected naru::error, got exit status {refused.returncode}: {refused.stderr!r}"


def copy_project(name, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for file in (HERE / "hello.cpp", HERE / name / "CMakeLists.txt"):
        if file.exists() and (not (folder / file.name).exists()
                              or (folder / file.name).read_bytes() != file.read_bytes()):
            shutil.copy(file, folder)
    return folder


def configure(source, build, *options, before=()):
    run(*before, "cmake", "-G", "Ninja", "-S", source, "-B", build, *options)
    run(*before, "cmake", "--build", build)


def install(kind, release, scratch, work):
    """Installs into one prefix and moves it to another. The static library is the release, built already."""
    tree = release
    if kind == "shared":
        tree = scratch / "shared"
        configure(SOURCE, tree, "-DBUILD_SHARED_LIBS=ON", "-DNARU_BUILD_TESTS=OFF", "-DNARU_BUILD_APPS=OFF",
                  "-DNARU_BUILD_BENCH=OFF", "-DCMAKE_BUILD_TYPE=")
    first, prefix = work / f"first-{kind}", work / kind
    run("cmake", "--install", tree, "--prefix", first)
    first.rename(prefix)
    for file in prefix.rglob("*"):
        if file.suffix in (".cmake", ".pc"):
            text = file.read_text()
            named = [p for p in (f"{SOURCE}/lib/", str(tree), str(first)) if p in text]
            assert not named, f"{file} names {named}"
    run(prefix / "share" / "naru" / "coroutine_traps.py", HERE / "hello.cpp")
    return prefix


def by_find_package(kind, prefix, work, hide):
    project = copy_project("find_package", work / f"find_package-{kind}")
    configure(project, project / "build", f"-DCMAKE_PREFIX_PATH={prefix}", before=hide)
    check_server(f"find_package, {kind}", [*hide, project / "build" / "hello"])


def by_pkg_config(kind, prefix, work, hide):
    project = copy_project("pkg_config", work / f"pkg_config-{kind}")
    folder = next(prefix.rglob("naru.pc")).parent
    environment = {"PKG_CONFIG_PATH": str(folder), "LD_LIBRARY_PATH": str(folder.parent)}
    for option in ["", "--static"] if kind == "static" else [""]:
        run(*hide, "sh", "-c", f"cd {project} && ${{CXX:-g++}} -std=c++20 hello.cpp -o hello "
            f"$(pkg-config {option} --cflags --libs naru)", env={**os.environ, **environment})
        way = f"pkg-config {option}".strip()
        check_server(f"{way}, {kind}", [*hide, project / "hello"], environment)


def by_source(way, kind, scratch):
    """As part of the user's own build. Kept from run to run, for here the whole library is compiled."""
    project = copy_project(way, scratch / f"{way}-{kind}")
    build = project / "build"
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    configure(project, build, f"-DNARU_SOURCE={SOURCE}", f"-DBUILD_SHARED_LIBS={KINDS[kind]}",
              "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", *launcher)
    check_leaks(way, build)
    check_server(f"{way}, {kind}", [build / "hello"])


def check_leaks(way, build):
    """A user's build gets what it needs to compile and link, and nothing else: no flag, test or program."""
    commands = json.loads((build / "compile_commands.json").read_text())
    command = next(c["command"] for c in commands if re.search(r"/hello\.(cpp|dir/Unity/[^/]+)$", c["file"]))
    parent = (HERE / way / "CMakeLists.txt").read_text()
    own = {*re.findall(r"-W[\w-]+", parent), "-fvisibility=hidden", "-fvisibility-inlines-hidden"}
    leaked = [a for a in command.split() if re.match(r"-[Wfgm]|-O", a) and a not in own]
    assert not leaked, f"{way}: flags of Naru's in the user's own compilation: {leaked}"
    tests = run("ctest", "--test-dir", build, "-N")
    assert "Total Tests: 0" in tests, f"{way}: tests of Naru's in the user's own: {tests}"
    built = [c["file"] for c in commands if c["file"].startswith((f"{SOURCE}/apps/", f"{SOURCE}/tests/"))]
    assert not built, f"{way}: programs of Naru's in the user's build: {built}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--release", type=pathlib.Path, required=True, help="a built tree to install")
    arguments.add_argument("--scratch", type=pathlib.Path, required=True, help="where to build from source")
    options = arguments.parse_args()

    hide = out_of_reach()
    if not hide:
        print("the kernel does not let us hide the source; the installed ways run beside it", flush=True)
    with tempfile.TemporaryDirectory(prefix="naru-package-") as folder:
        work = pathlib.Path(folder)
        for kind in KINDS:
            prefix = install(kind, options.release, options.scratch, work)
            by_find_package(kind, prefix, work, hide)
            by_pkg_config(kind, prefix, work, hide)
    for way in ("add_subdirectory", "fetch_content"):
        for kind in KINDS:
            by_source(way, kind, options.scratch)


if __name__ == "__main__":
    main()
