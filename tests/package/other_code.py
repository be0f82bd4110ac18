#!/usr/bin/env python3
"""Naru beside other code in one program, linked static and shared: units with header-only Asio and Beast, at
several levels of optimisation; macros that change Asio's layouts; a shared object that holds the static library;
asio::ssl. Uses the shared build that the test `package` keeps in its scratch folder."""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import ways

HERE = pathlib.Path(__file__).resolve().parent
LEVELS = ["-O0", "-O1", "-O2", "-O3"]

# What NARU_BUILD_MACROS names, without what cannot be set by itself: standard library, compiler, or a macro with
# which Boost's own headers do not compile.
NOT_TRIED = {"BOOST_VERSION", "BOOST_ASIO_STANDALONE", "BOOST_ASIO_NO_EXCEPTIONS", "BOOST_ASIO_NO_TYPEID",
             "BOOST_ASIO_HAS_IO_URING_AS_DEFAULT", "BOOST_ASIO_CUSTOM_HANDLER_TRACKING",
             "BOOST_ASIO_DISABLE_STD_EXCEPTION_PTR", "BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT", "__clang__"}
VALUES = {"_GLIBCXX_USE_CXX11_ABI": "0", "BOOST_ASIO_STRAND_IMPLEMENTATIONS": "7",
          "BOOST_ASIO_HASH_MAP_BUCKETS": "7", "BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE": "16"}


class Installed:
    """One installed Naru and the compiler that uses it, by pkg-config."""

    def __init__(self, kind, prefix, compiler):
        self.kind, self.compiler = kind, compiler
        self.folder = next(prefix.rglob("naru.pc")).parent
        self.environment = {**os.environ, "PKG_CONFIG_PATH": str(self.folder),
                            "LD_LIBRARY_PATH": str(self.folder.parent)}
        self.cflags = self.ask("--cflags")
        self.libs = self.ask("--libs")

    def ask(self, option):
        return ways.run("pkg-config", option, "naru", env=self.environment).split()

    def compile(self, source, output, *options, flags=None):
        ways.run(self.compiler, "-std=c++20", *options, *(self.cflags if flags is None else flags),
                 "-c", source, "-o", output)
        return output

    def link(self, output, *objects):
        ways.run(self.compiler, *objects, *self.libs, "-o", output)
        return output

    def execute(self, program):
        ways.run(program, env=self.environment, timeout=60)


def side_by_side(pool, jobs):
    for done in [pool.submit(job) for job in jobs]:
        done.result()


def two_asios(pool, installed, work):
    """Both units at every level: the linker takes the functions of whichever it meets first."""
    sources = HERE / "two_asios"

    def level(flag):
        library = installed.compile(sources / "library_side.cpp", work / f"library{flag}.o", flag)
        header = installed.compile(sources / "header_side.cpp", work / f"header{flag}.o", flag, flags=[])
        for name, objects in {"library": [library, header], "header": [header, library]}.items():
            installed.execute(installed.link(work / f"two{flag}-{name}-first", *objects))
        print(f"two Asios, {installed.kind}, {flag}: one set of categories, one signal state", flush=True)

    side_by_side(pool, [lambda flag=flag: level(flag) for flag in LEVELS])


def checked_macros():
    text = (HERE.parents[1] / "lib/include/naru/base/build_check.hpp").read_text()
    return [m for m in re.findall(r"\bapply\((\w+)\)", text) if m not in NOT_TRIED]


def macros(pool, installed, work):
    """A unit with another layout of Asio's classes does not link, and the linker's message names the macro."""
    unit = work / "unit.cpp"
    unit.write_text("#include <naru/naru.hpp>\nint main() {}\n")
    installed.execute(installed.link(work / "same", installed.compile(unit, work / "same.o")))

    def refused(macro):
        flag = f"-D{macro}={VALUES.get(macro, '1')}"
        # Some macros only change what the linker sees; the header is compiled as it would be for the user.
        built = subprocess.run([installed.compiler, "-std=c++20", *installed.cflags, flag, unit,
                                *installed.libs, "-o", work / f"with-{macro}"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, check=False)
        missing = re.search(r"undefined.*naru::build::(\w+)_is<", built.stdout)
        if not built.returncode or not missing or f"{macro}_is<" not in built.stdout:
            sys.exit(f"{flag}: expected a link error that names it, exit status {built.returncode}:\n"
                     f"{built.stdout[:3000]}")

    names = checked_macros()
    assert len(names) > 20, names
    side_by_side(pool, [lambda m=m: refused(m) for m in names])
    print(f"macros, {installed.kind}: {len(names)} refused by the linker, each by its name", flush=True)


def static_in_shared(installed, work):
    """A plug-in: hello.cpp and the static library in a shared object, all of it position-independent."""
    plugin = work / "libhello.so"
    ways.run(installed.compiler, "-std=c++20", "-O2", "-fPIC", "-shared", "-Wl,-z,defs", "-Wl,-z,text",
             *installed.cflags, HERE / "hello.cpp", *installed.libs, "-o", plugin)
    nothing = work / "nothing.cpp"
    nothing.write_text("")
    host = work / "host"
    ways.run(installed.compiler, nothing, "-Wl,--no-as-needed", plugin, "-o", host)
    ways.check_server("static library in a shared object", [host], {"LD_LIBRARY_PATH": str(work)})


def asio_ssl(installed, work):
    """As the README says: the bodies of asio::ssl are compiled once, by the program that uses them."""
    if subprocess.run(["pkg-config", "--exists", "openssl"], check=False).returncode:
        print("asio::ssl: SKIPPED, OpenSSL's headers (libssl-dev) are not installed", flush=True)
        return
    bodies, user = work / "ssl_bodies.cpp", work / "ssl_user.cpp"
    bodies.write_text("#include <boost/asio/ssl/impl/src.hpp>\n")
    user.write_text("#include <naru/naru.hpp>\n#include <boost/asio/io_context.hpp>\n"
                    "#include <boost/asio/ip/tcp.hpp>\n#include <boost/asio/ssl.hpp>\n"
                    "int main()\n{\n    boost::asio::io_context loop;\n"
                    "    boost::asio::ssl::context tls(boost::asio::ssl::context::tls_client);\n"
                    "    boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream(loop, tls);\n"
                    "    naru::server server;\n    server.stop();\n}\n")
    objects = [installed.compile(source, source.with_suffix(".o")) for source in (bodies, user)]
    program = work / "ssl"
    ways.run(installed.compiler, *objects, *installed.libs, "-lssl", "-lcrypto", "-o", program)
    installed.execute(program)
    print(f"asio::ssl, {installed.kind}: links and runs", flush=True)


def check_cflags(installed):
    """A program that links the shared library compiles nothing of the log's."""
    leaked = [flag for flag in installed.cflags if installed.kind == "shared" and "SPDLOG" in flag]
    assert not leaked, f"pkg-config --cflags of the shared library names {leaked}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--release", type=pathlib.Path, required=True, help="a built tree to install")
    arguments.add_argument("--scratch", type=pathlib.Path, required=True, help="where to build from source")
    arguments.add_argument("--compiler", default="g++")
    options = arguments.parse_args()

    with tempfile.TemporaryDirectory(prefix="naru-other-code-") as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for kind in ways.KINDS:
            work = pathlib.Path(folder, f"work-{kind}")
            work.mkdir()
            prefix = ways.install(kind, options.release, options.scratch, pathlib.Path(folder))
            installed = Installed(kind, prefix, options.compiler)
            check_cflags(installed)
            two_asios(pool, installed, work)
            asio_ssl(installed, work)
            if kind == "static":
                macros(pool, installed, work)
                static_in_shared(installed, work)


if __name__ == "__main__":
    main()
