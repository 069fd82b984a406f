#!/usr/bin/python3
"""mutants.py list|run BUILD OUT [--sample N] [--seed S] [--seeds K] [--jobs J] [--files A,B]

Small wrong changes (operators.py) to the engine, the simulated disk, the judges and the models, one
at a time, and what notices each. `list` prints them all; `run` draws N of each of two groups, tries
them, and writes OUT/mutants.csv and OUT/mutants.md. A mutant of the engine becomes a plug-in, and
must be noticed by the library of scenarios alone. One of the rest becomes a test bed, and must be
noticed by its tests or by positive controls. BUILD is a finished build of the same sources. Who is
drawn depends on S alone. Mutants that change nothing anybody may rely on are argued in
equivalent.txt. Exit status 1: one lives that is not argued.
"""

import argparse
import concurrent.futures
import csv
import glob
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import operators  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Group, files, and for the test bed the folders of tests that are asked first.
GROUPS = {
    "engine": (["engine/*.c"], "the scenarios alone"),
    "test bed": (
        ["vfs/disk/*.c", "vfs/process/*.c", "sim/orders/*.c", "sim/sql/*.c", "sim/program/*.c", "sim/format/*.c", "sim/contract.c", "sim/loss.c"],
        "its tests and positive controls",
    ),
}
COLUMNS = ("group", "file", "line", "function", "operator", "old", "new", "fate", "by", "seeds", "seconds", "key")
FATES = ("invariant", "died", "test", "argued", "alive", "no mutant")


def files_of(group, only):
    found = sorted(path for pattern in GROUPS[group][0] for path in glob.glob(os.path.join(ROOT, pattern)))
    names = [os.path.relpath(path, ROOT) for path in found]
    return [name for name in names if not only or name in only]


def all_mutants(group, only):
    includes = ["-std=gnu17", "-I" + os.path.join(ROOT, "engine")]
    if group != "engine":
        folders = ["", "engine/reader", "engine/program", "vfs", "vfs/disk", "vfs/process", "sim"]
        folders += [os.path.relpath(path, ROOT) for path in sorted(glob.glob(os.path.join(ROOT, "sim/*/")))]
        includes += ["-I" + os.path.join(ROOT, folder) for folder in folders]
    return [m for name in files_of(group, only) for m in operators.mutants_of(os.path.join(ROOT, name), name, includes)]


def draw(mutants, count, seed):
    """One of each function and operator first, then a second one, each in an order that the seed gives."""
    rank = {id(m): hashlib.sha256(f"{seed}\t{m.key()}".encode()).hexdigest() for m in mutants}
    taken = {}
    order = []
    for mutant in sorted(mutants, key=lambda m: rank[id(m)]):
        stratum = (mutant.file, mutant.function, mutant.operator)
        taken[stratum] = taken.get(stratum, 0) + 1
        order.append((taken[stratum], rank[id(mutant)], mutant))
    return [entry[2] for entry in sorted(order, key=lambda entry: entry[:2])[:count]]


def run(command, patience_s, **options):
    """Exit status and output; None when it took too long. Nothing of it lives on."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, **options) as child:
        try:
            out, _ = child.communicate(timeout=patience_s)
            return child.returncode, out.decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, _ = child.communicate()
            return None, out.decode(errors="replace")


class Engine:
    """Tries mutants of the engine as plug-ins."""

    def __init__(self, build, work, seeds):
        self.build = build
        self.work = work
        self.seeds = seeds
        self.flags = ["-O1", "-std=gnu17", "-w", "-fPIC", "-DSUBJECT_PLUGIN", "-I" + os.path.join(ROOT, "engine")]
        self.flags += ["-I" + os.path.join(ROOT, "sim/subject")]
        sqlite = subprocess.run(["pkg-config", "--cflags", "--libs", "sqlite3"], check=True, capture_output=True)
        self.sqlite = sqlite.stdout.decode().split()
        self.objects = {}
        sources = sorted(glob.glob(os.path.join(ROOT, "engine/*.c"))) + [os.path.join(ROOT, "sim/subject/subject_engine.c")]
        for source in sources:
            target = os.path.join(work, os.path.basename(source) + ".o")
            subprocess.run(["cc", *self.flags, "-c", "-o", target, source], check=True)
            self.objects[os.path.relpath(source, ROOT)] = target

    def attempt(self, mutant, slot):
        source = os.path.join(self.work, f"{slot}-{os.path.basename(mutant.file)}")
        plugin = os.path.join(self.work, f"{slot}.so")
        write_mutant(mutant, source)
        others = [path for name, path in sorted(self.objects.items()) if name != mutant.file]
        version = "-Wl,--version-script=" + os.path.join(ROOT, "cmake/plugin.map")
        status, _ = run(["cc", *self.flags, "-shared", "-o", plugin, source, *others, version, *self.sqlite], 60)
        os.unlink(source)
        if status != 0:
            return "no mutant", "", 0
        for family, seeds in (([], 2), (["processes"], 2), ([], self.seeds), (["processes"], self.seeds)):
            seen = self.sweep(family, seeds, plugin)
            if seen is not None:
                return seen
        return "alive", "", self.seeds

    def sweep(self, family, seeds, plugin):
        command = [os.path.join(self.build, "aftershock"), "run", *family, "--library", os.path.join(ROOT, "scenarios")]
        command += ["--seeds", str(seeds), "--jobs", "1", "--json", "--by-seed", "--stop-at", "violation", "--subject", plugin]
        status, out = run(command, 1800)
        if status not in (0, 1, 5):
            return "died", "it cannot be run" if status is not None else "it does not end", 1
        runs = 0
        for line in out.splitlines():
            if not line.startswith('{"type":"run"'):
                continue
            runs += 1
            told = json.loads(line)
            if told["verdict"] == "violated":
                fate = "died" if told["invariant"] in ("subject_crashed", "subject_hung") else "invariant"
                return fate, f"{told['invariant']}: {told['scenario']}@{told['seed']}", int(told["seed"], 16)
        return None


class TestBed:
    """Tries mutants of the test bed itself in a copy of the tree, one copy for each at work."""

    def __init__(self, build, work, _seeds):
        self.work = work
        self.options = self.cached_options(build)
        self.ready = set()

    @staticmethod
    def cached_options(build):
        with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as cache:
            values = dict(re.findall(r"^([A-Za-z_]+):\w+=(.*)$", cache.read(), re.M))
        names = [n for n in values if n in ("CMAKE_C_COMPILER_LAUNCHER", "CMAKE_CXX_COMPILER_LAUNCHER", "AFTERSHOCK_SQLITE_DIR")]
        return [f"-D{name}={values[name]}" for name in sorted(names) if values[name]]

    def prepare(self, slot):
        tree = os.path.join(self.work, f"tree-{slot}")
        build = os.path.join(tree, "build")
        if slot in self.ready:
            return tree, build
        files = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True).stdout.decode()
        for name in filter(None, files.split("\0")):
            target = os.path.join(tree, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if os.path.lexists(os.path.join(ROOT, name)):
                shutil.copy2(os.path.join(ROOT, name), target, follow_symlinks=False)
        options = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1", "-DAFTERSHOCK_BUGS=OFF", *self.options]
        subprocess.run(["cmake", "-G", "Ninja", "-S", tree, "-B", build, *options], check=True, capture_output=True)
        subprocess.run([*self.make(build)], check=True, capture_output=True)
        self.ready.add(slot)
        return tree, build

    @staticmethod
    def make(build):
        return ["cmake", "--build", build, "--target", "aftershock", "all_tests_vfs", "all_tests_sim"]

    def attempt(self, mutant, slot):
        tree, build = self.prepare(slot)
        place = os.path.join(tree, mutant.file)
        write_mutant(mutant, place)
        try:
            return self.judge(mutant, build)
        finally:
            shutil.copy(os.path.join(ROOT, mutant.file), place)

    def judge(self, mutant, build):
        status, _ = run(self.make(build), 600)
        if status != 0:
            return "no mutant", "", 0
        near = "/".join(mutant.file.split("/")[:2]) if mutant.file.startswith("sim/") else "vfs"
        for choice in (f"^{near}/", "^vfs/", "^sim/"):
            status, out = run(["ctest", "--test-dir", build, "-R", choice, "--stop-on-failure", "--timeout", "300"], 3600)
            failed = re.search(r"^\s*\d+ - (\S+) \((\w+)", out, re.M)
            if failed:
                fate = "test" if failed.group(2).startswith("Failed") else "died"
                return fate, failed.group(1), 0
        command = [os.path.join(build, "aftershock"), "run", "contracts", "--seeds", "50", "--jobs", "1"]
        status, out = run(command, 1800)
        if status != 0:
            return "invariant", f"contracts, status {status}", 50
        return "alive", "", 0


def write_mutant(mutant, path):
    with open(os.path.join(ROOT, mutant.file), "rb") as file:
        source = file.read()
    with open(path, "wb") as file:
        file.write(mutant.apply(source))


def argued():
    """What equivalent.txt says: the reason of each key."""
    reasons = {}
    path = os.path.join(ROOT, "tests/mutants/equivalent.txt")
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]
    for key, reason in zip(lines[::2], lines[1::2]):
        if key.count("\t") != 5 or not reason.startswith("  "):
            sys.exit(f"mutants: {path}: {key}: expected a line of six columns, and a reason below it")
        reasons[key] = reason.strip()
    return reasons


def attempt_all(group, chosen, options, reasons, writer):
    kind = {"engine": Engine, "test bed": TestBed}[group]
    slots = list(range(options.jobs))
    with tempfile.TemporaryDirectory(prefix="mutants") as work, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        tool = kind(options.build, work, options.seeds)

        def one(mutant):
            began = time.monotonic()
            slot = slots.pop()
            try:
                fate, by, seeds = ("argued", reasons[mutant.key()], 0) if mutant.key() in reasons else tool.attempt(mutant, slot)
            finally:
                slots.append(slot)
            row = (group, mutant.file, mutant.line, mutant.function, mutant.operator, operators.one_line(mutant.old), operators.one_line(mutant.new))
            row += (fate, by, seeds, f"{time.monotonic() - began:.1f}", mutant.key())
            writer.writerow(dict(zip(COLUMNS, row)))
            print(f"{fate:9} {mutant.file}:{mutant.line}: {mutant.operator}: {row[5]} -> {row[6]}  {by}", flush=True)
            return row

        return list(pool.map(one, chosen))


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def table(rows, title, column, names):
    lines = [f"| {title} | mutants | invariant | test | crash or hang | alive | argued | score |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
    for name in names:
        fates = [row["fate"] for row in rows if row[column] == name and row["fate"] != "no mutant"]
        if fates:
            count = {fate: fates.count(fate) for fate in FATES}
            judged = len(fates) - count["argued"]
            cells = [count["invariant"], count["test"], count["died"], count["alive"], count["argued"]]
            score = percent(judged - count["alive"], judged)
            lines.append(f"| {name} | {len(fates)} | " + " | ".join(str(cell) for cell in cells) + f" | {score} |")
    return lines


def page(rows, options, total):
    lines = ["# Mutants", "", f"Drawn with seed {options.seed}: {options.sample} of {total['engine']} mutants of the engine,"]
    lines += [f"and as many of {total['test bed']} of the test bed."]
    lines += [f"A scenario has {options.seeds} seeds to notice one of the engine.", ""]
    lines += table(rows, "what", "group", GROUPS) + [""]
    lines += table(rows, "change", "operator", operators.OPERATORS) + [""]
    lines += table(rows, "file", "file", sorted({row["file"] for row in rows})) + ["", "## Alive", ""]
    alive = [row for row in rows if row["fate"] == "alive"]
    lines += ["| place | function | change |", "|---|---|---|"] if alive else ["None."]
    for row in alive:
        change = f"`{row['old'][:60]}` to `{row['new'][:60]}`".replace("|", "\\|")
        lines.append(f"| {row['file']}:{row['line']} | {row['function']} | {row['operator']}: {change} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("verb", choices=("list", "run"))
    parser.add_argument("build")
    parser.add_argument("out")
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--group", choices=GROUPS)
    parser.add_argument("--files", type=lambda text: text.split(","), default=[])
    options = parser.parse_args()
    if options.sample < 1 or options.seeds < 1 or options.jobs < 1:
        parser.error("expected at least 1 of --sample, --seeds and --jobs")
    options.build = os.path.abspath(options.build)
    groups = [options.group] if options.group else list(GROUPS)
    known = [name for group in groups for name in files_of(group, [])]
    for name in options.files:
        if name not in known:
            parser.error(f"{name}: no file of which there are mutants")
    found = {group: all_mutants(group, options.files) if group in groups else [] for group in GROUPS}
    if options.verb == "list":
        for group in groups:
            for mutant in found[group]:
                print(f"{mutant.file}:{mutant.line}\t{mutant.key()}")
        return 0
    os.makedirs(options.out, exist_ok=True)
    reasons = argued()
    # An argument for what is not there any more would be taken for one that holds.
    for key in reasons:
        name = key.split("\t", maxsplit=1)[0]
        if name in known and not options.files and key not in {m.key() for group in groups for m in found[group]}:
            raise ValueError(f"tests/mutants/equivalent.txt: {key}: no such mutant")
    rows = []
    # Line by line, so that what was tried is there whatever happens to the rest.
    with open(os.path.join(options.out, "mutants.csv"), "w", encoding="utf-8", newline="", buffering=1) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for group in groups:
            chosen = draw(found[group], options.sample, options.seed)
            rows += [dict(zip(COLUMNS, row)) for row in attempt_all(group, chosen, options, reasons, writer)]
    with open(os.path.join(options.out, "mutants.md"), "w", encoding="utf-8") as file:
        file.write(page(rows, options, {group: len(found[group]) for group in GROUPS}))
    return 1 if any(row["fate"] == "alive" for row in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError, subprocess.CalledProcessError) as wrong:
        print(f"mutants: {wrong}", file=sys.stderr)
        sys.exit(2)
