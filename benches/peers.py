#!/usr/bin/env python3
"""Compares hallway with its peers on the same documents and queries, in one run, taking turns: raw tantivy (the example
`raw`, which says what that is), SQLite's FTS5 and ripgrep. Prints Markdown. Needs Python's standard library alone.

    cargo build --release --bin hallway --example raw
    python3 benches/peers.py DOCS.jsonl FOLDER

DOCS.jsonl holds a document a line: {id, title, text, speakers, series, year, tags}, any number of them; they are read as
a stream. Everything is written below FOLDER, which is kept: a second run takes what is there, and --fresh begins anew.

Titles get the document's number, for all engines alike: hallway takes the same title by the same speaker at the same
edition for copies of one talk, and recombined documents may repeat all three.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from peers_input import prepare  # noqa: E402

TARGET = pathlib.Path(__file__).resolve().parent.parent / "target" / "release"


# Engines. Each says how to index, to ask in a process of its own, and to ask warm.

class Raw:
    name, steps = "raw", ("top 10", "snippets", "facets")

    def __init__(self, arguments, folder):
        self.program, self.docs, self.dir = str(arguments.raw), folder / "docs", folder / "raw"
        self.hallway = Hallway(arguments, folder)

    def indexing(self):
        # As many segments as hallway has.
        n_segments = str(self.hallway.status()["segments"]) if self.hallway.dir.is_dir() else "1"
        command = lambda folder, n: [self.program, "index", str(self.docs), str(folder), "--segments", n_segments,
                                     "--threads", n]
        other = self.dir.with_name("raw-2")
        return {"raw, 1 thread": (command(self.dir, "1"), self.dir), "raw, 2 threads": (command(other, "2"), other)}

    def one_shot(self, query):
        return [[self.program, "search", str(self.dir), "--snippets", json.dumps(query)]]

    def warm(self, step):
        flags = {"top 10": [], "snippets": ["--snippets"], "facets": ["--snippets", "--facets"]}[step]
        return Lines([self.program, "search", str(self.dir), *flags, "--queries", "-"], json.dumps)

    def commit(self, number):
        return [self.program, "add", str(self.dir), json.dumps(new_talk(number))]


class Hallway:
    # The command line gives no ids alone: `cargo bench --bench search` has that step.
    name, steps = "hallway", ("snippets", "facets")

    def __init__(self, arguments, folder):
        self.program, self.docs, self.dir = str(arguments.hallway), folder / "docs", folder / "hallway"
        self.new = folder / "new"

    def indexing(self):
        command = [self.program, "--index", str(self.dir), "ingest", "--json", str(self.docs)]
        return {"hallway": (command, self.dir)}

    def status(self):
        return json.loads(run([[self.program, "--index", str(self.dir), "status", "--json"]])[1])

    def text(self, query):
        op, terms = query["op"], query["terms"]
        if op == "prefix":
            return f"{terms[0]}*"
        return f'"{" ".join(terms)}"' if op == "phrase" else (" OR " if op == "or" else " ").join(terms)

    def one_shot(self, query):
        year = ["--year", str(query["year"])] if query["op"] == "filter" else []
        return [[self.program, "--index", str(self.dir), "search", "--json", "-n", "10", *year, self.text(query)]]

    def warm(self, step):
        def line(query):
            filters = {"year": [str(query["year"])]} if query["op"] == "filter" else {}
            return json.dumps({"id": query["id"], "query": self.text(query), "filters": filters})
        facets = ["--facets=series,year"] if step == "facets" else []
        command = [self.program, "--index", str(self.dir), "search", *facets, "-n", "10", "--queries", "-"]
        return Lines(command, line)

    def commit(self, number):
        self.new.mkdir(exist_ok=True)
        path = self.new / f"{number}.jsonl"
        path.write_text(json.dumps(new_talk(number)) + "\n")
        return [self.program, "--index", str(self.dir), "ingest", "--json", str(path)]


class Sqlite:
    name, steps = "sqlite", ("top 10", "snippets", "facets")

    def __init__(self, _, folder):
        self.docs, self.dir = folder / "docs", folder / "sqlite"
        self.path = self.dir / "docs.db"
        self.shell = shutil.which("sqlite3")

    def indexing(self):
        return {"sqlite": ([sys.executable, __file__, "--sqlite-index", str(self.docs), str(self.path)], self.dir)}

    def match(self, query):
        terms = [f'"{term}"' for term in query["terms"]]
        op = query["op"]
        words = {"term": terms[0], "filter": terms[0], "and": " AND ".join(terms), "or": " OR ".join(terms),
                 "phrase": " + ".join(terms), "prefix": terms[0] + " *"}[op]
        match = f"{{title text}} : ({words})"
        return f"({match}) AND (year : {query['year']})" if op == "filter" else match

    HITS = ("SELECT docs.rowid, title, snippet(docs, 1, '[', ']', '…', 40) FROM docs WHERE docs MATCH {} "
            "ORDER BY rank LIMIT 10")

    def one_shot(self, query):
        if self.shell:
            literal = "'" + self.match(query).replace("'", "''") + "'"
            return [[self.shell, "-readonly", str(self.path), self.HITS.format(literal)]]
        return [[sys.executable, "-S", __file__, "--sqlite-ask", str(self.path), self.match(query)]]

    def warm(self, step):
        return SqliteWarm(self, step)

    def commit(self, number):
        return [sys.executable, "-S", __file__, "--sqlite-add", str(self.path), json.dumps(new_talk(number))]


class SqliteWarm:
    def __init__(self, engine, step):
        self.engine, self.step, self.connection = engine, step, sqlite_open(engine.path)

    def ask(self, query):
        match = (self.engine.match(query),)
        began = time.perf_counter()
        top = "SELECT rowid FROM docs WHERE docs MATCH ? ORDER BY rank LIMIT 10"
        hits = self.connection.execute(top if self.step == "top 10" else Sqlite.HITS.format("?"), match).fetchall()
        if self.step == "facets":
            for facet in ("series", "year"):
                self.connection.execute(
                    f"SELECT meta.{facet}, count(*) FROM docs JOIN meta ON meta.id = docs.rowid "
                    "WHERE docs MATCH ? GROUP BY 1 ORDER BY 2 DESC", match).fetchall()
        return (time.perf_counter() - began) * 1e6, len(hits)

    def close(self):
        self.connection.close()


class Ripgrep:
    """Counts lines; it neither ranks nor stems. Words of an AND are found by a second rg behind the first."""
    name, steps = "rg", ()

    def __init__(self, _, folder):
        self.docs = str(folder / "docs")

    def indexing(self):
        return {}

    def one_shot(self, query):
        op, terms = query["op"], query["terms"]
        if op == "prefix":
            return [["rg", "-i", "-c", r"\b" + terms[0], self.docs]]
        if op == "phrase":
            return [["rg", "-i", "-w", "-c", " ".join(terms), self.docs]]
        if op == "or":
            return [["rg", "-i", "-w", "-c", *(part for term in terms for part in ("-e", term)), self.docs]]
        rest = terms[1:] if op == "and" else [f'"year": {query["year"]}'] if op == "filter" else []
        if not rest:
            return [["rg", "-i", "-w", "-c", terms[0], self.docs]]
        first = ["rg", "-i", "-w", "-I", "-N", terms[0], self.docs]
        within = [["rg", "-i", "-w", term] for term in rest]
        within[-1].insert(3, "-c")
        return [first, *within]


class Lines:
    """A process that answers a line with a line."""

    def __init__(self, command, line):
        self.line = line
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, query):
        self.process.stdin.write(self.line(query) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["took_us"], len(answer["hits"])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# SQLite in processes of its own.

def sqlite_open(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA mmap_size = 34359738368")
    connection.execute("PRAGMA cache_size = -262144")
    return connection


def sqlite_insert(connection, doc):
    passages = doc.get("passages") or [{"text": doc.get("text") or ""}]
    for passage in passages:
        text = "\n".join([*passage.get("heading", []), passage["text"]])
        row = connection.execute("INSERT INTO docs(title, text, year) VALUES (?, ?, ?)",
                                 (doc["title"], text, doc.get("year"))).lastrowid
        connection.execute("INSERT INTO meta(id, doc_id, series, year) VALUES (?, ?, ?, ?)",
                           (row, str(doc.get("id")), doc.get("series"), doc.get("year")))


def sqlite_index(docs, path):
    """In one transaction, and its index merged into one segment as the others' are."""
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite_open(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE VIRTUAL TABLE docs USING fts5(title, text, year, tokenize = 'porter unicode61')")
    connection.execute("CREATE TABLE meta(id INTEGER PRIMARY KEY, doc_id TEXT, series TEXT, year INTEGER)")
    connection.execute("BEGIN")
    for part in sorted(pathlib.Path(docs).glob("*.jsonl")):
        with open(part, encoding="utf-8") as file:
            for line in file:
                sqlite_insert(connection, json.loads(line))
    connection.execute("COMMIT")
    connection.execute("INSERT INTO docs(docs) VALUES ('optimize')")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def sqlite_add(path, doc):
    connection = sqlite_open(path)
    connection.execute("PRAGMA synchronous = FULL")
    began = time.perf_counter()
    connection.execute("BEGIN")
    sqlite_insert(connection, json.loads(doc))
    connection.execute("COMMIT")
    print(json.dumps({"took_us": int((time.perf_counter() - began) * 1e6)}))


def sqlite_ask(path, match):
    for row in sqlite_open(path).execute(Sqlite.HITS.format("?"), (match,)):
        print(row)


# Measuring.

def new_talk(number):
    return {"id": f"new-{number}", "title": f"One more talk {number}", "series": "FOSDEM", "year": 2019,
            "text": "It is added to an index that is already large. " * 30}


def run(commands):
    """Seconds until a chain of processes is through, and what the last one printed."""
    began = time.perf_counter()
    processes, before = [], None
    for command in commands:
        process = subprocess.Popen(command, stdin=before or subprocess.DEVNULL, stdout=subprocess.PIPE)
        if before:
            before.close()
        before = process.stdout
        processes.append(process)
    printed = processes[-1].communicate()[0]
    for process in processes:
        process.wait()
    took = time.perf_counter() - began
    if any(process.returncode not in (0, 1) for process in processes):
        sys.exit(f"failed: {commands}")
    return took, printed


def measured(command):
    """Wall and processor seconds and the peak of resident memory, mapped files included, of one process. It is started
    by a small one, since a process begins with the peak of the one that it was forked from."""
    command = [sys.executable, "-S", __file__, "--measure", *command]
    process = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(process.stdout)


def measure(*command):
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        sys.exit(f"failed: {command}")
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps([time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit]))


def n_bytes_in(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("| --- |" + " ---: |" * (len(header) - 1))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


# What one engine leaves in the caches is not always met by the same other.
TURNS = random.Random(1)


def index_all(engines, n_docs, source_bytes):
    rows = []
    engines = [engine for engine in engines if engine.steps]
    for engine in sorted(engines, key=lambda engine: engine.name != "hallway"):  # raw takes its number of segments
        done = engine.dir.with_name(f"{engine.name}.indexed")
        if done.exists():
            continue
        for name, (command, folder) in engine.indexing().items():
            shutil.rmtree(folder, ignore_errors=True)
            wall, cpu, peak = measured(command)
            if engine.name == "hallway" and engine.status()["records"] != n_docs:
                sys.exit(f"hallway holds {engine.status()['records']} records of {n_docs} documents")
            size = n_bytes_in(folder)
            rows.append([name, f"{wall:.1f}", f"{cpu:.1f}", f"{peak / 2**20:.0f}", f"{size / 2**20:.0f}",
                         f"{size / source_bytes:.2f}"])
            if folder != engine.dir:
                shutil.rmtree(folder)
        done.touch()
    if rows:
        print("### Indexing\n")
        table(["", "wall s", "CPU s", "peak MB", "index MB", "index / input"], rows)


def one_shots(engines, queries, rounds):
    """Processes by turns, so that what else the machine does falls on all alike."""
    taken = collections.defaultdict(list)
    for engine in engines:
        for query in queries[::7]:
            run(engine.one_shot(query))
    turns = list(engines)
    for _ in range(rounds):
        for query in queries:
            TURNS.shuffle(turns)
            for engine in turns:
                taken[query["class"], engine.name].append(run(engine.one_shot(query))[0])
    empty = [shutil.which("true")]
    nothing = statistics.median(run([empty])[0] for _ in range(50)) * 1e3
    print("### One query in a process of its own, ms: median by class "
          f"({rounds} rounds; an empty process {nothing:.1f})\n")
    classes = list(dict.fromkeys(query["class"] for query in queries))
    cells = lambda name: {engine.name: statistics.median(taken[name, engine.name]) * 1e3
                          for engine in engines if taken[name, engine.name]}
    rows = [[name, *(show(cells(name).get(engine.name), 1) for engine in engines), ratio(cells(name))]
            for name in classes]
    table(["class", *(engine.name for engine in engines), RATIO], rows)


RATIO = "hallway / raw"


def show(value, n_digits):
    return "–" if value is None else f"{value:.{n_digits}f}"


def ratio(by_engine):
    has_both = "raw" in by_engine and "hallway" in by_engine
    return show(by_engine["hallway"] / by_engine["raw"] if has_both else None, 2)


def warm(engines, queries, rounds):
    asked = [(engine, step, engine.warm(step)) for engine in engines for step in engine.steps]
    taken, nothing = collections.defaultdict(list), set()
    for number in range(rounds + 1):
        for query in queries:
            TURNS.shuffle(asked)
            for engine, step, process in asked:
                took_us, n_hits = process.ask(query)
                if n_hits == 0:
                    nothing.add((engine.name, query["id"]))
                if number > 0:  # the first round fills caches
                    taken[engine.name, step, query["class"]].append(took_us)
    for _, _, process in asked:
        process.close()
    if nothing:
        print("no hits: " + ", ".join(f"{name} {query}" for name, query in sorted(nothing)) + "\n")
    classes = list(dict.fromkeys(query["class"] for query in queries))
    for title, share in (("p50", 0.5), ("p95", 0.95)):
        print(f"### Warm, µs: {title} ({rounds} rounds)\n")
        header, rows = ["class"], [[name] for name in [*classes, "all"]]
        for step in ("top 10", "snippets", "facets"):
            with_step = [engine for engine in engines if step in engine.steps]
            has_ratio = {"raw", "hallway"} <= {engine.name for engine in with_step}
            header += [f"{engine.name}: {step}" for engine in with_step] + [RATIO] * has_ratio
            for row in rows:
                names = classes if row[0] == "all" else [row[0]]
                times = lambda engine: [t for name in names for t in taken[engine.name, step, name]]
                values = {engine.name: quantile(times(engine), share) for engine in with_step if times(engine)}
                row += [show(values.get(engine.name), 0) for engine in with_step]
                row += [ratio(values)] * has_ratio
        table(header, rows)


def commits(engines, rounds):
    taken, inside = collections.defaultdict(list), collections.defaultdict(list)
    # In a later run on the same folder they have to be new again.
    base = time.time_ns() // 10**6
    for number in range(rounds):
        for engine in engines:
            took, printed = run([engine.commit(base + number)])
            taken[engine.name].append(took)
            inside[engine.name].append(json.loads(printed).get("took_us", 0) / 1e3)
    print(f"### Committing one talk, ms: median of {rounds}\n")
    median = lambda values: f"{statistics.median(values):.1f}" if any(values) else "–"
    table(["", "process", "within it"],
          [[name, median([took * 1e3 for took in taken[name]]), median(inside[name])] for name in taken])


def main():
    inner = {"--measure": measure, "--sqlite-index": sqlite_index, "--sqlite-add": sqlite_add,
             "--sqlite-ask": sqlite_ask}
    if sys.argv[1:2] and sys.argv[1] in inner:
        return inner[sys.argv[1]](*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--skip", default="", help="of raw, hallway, sqlite, rg, one-shot, warm, commit")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--fresh", action="store_true", help="empty the folder first")
    parser.add_argument("--raw", type=pathlib.Path, default=TARGET / "examples" / "raw")
    parser.add_argument("--hallway", type=pathlib.Path, default=TARGET / "hallway")
    arguments = parser.parse_args()
    skip = set(filter(None, arguments.skip.split(",")))
    folder = arguments.folder
    is_ours = (folder / "prepared.json").is_file()
    if folder.is_dir() and any(folder.iterdir()) and not is_ours:
        sys.exit(f"{folder} holds other files")
    if arguments.fresh and is_ours:
        shutil.rmtree(folder)
    if not (folder / "prepared.json").is_file():
        prepare(arguments.docs, folder)
    about = json.loads((folder / "prepared.json").read_text())
    if about["source"] != os.path.getsize(arguments.docs):
        sys.exit(f"{folder} was prepared from other documents: --fresh")
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    engines = [engine(arguments, folder) for engine in (Raw, Hallway, Sqlite, Ripgrep) if engine.name not in skip]
    if shutil.which("rg") is None:
        engines = [engine for engine in engines if engine.name != "rg"]
    source_bytes = n_bytes_in(folder / "docs")
    print(f"{about['n_docs']} documents, {source_bytes / 2**20:.0f} MB; {len(queries)} queries; "
          f"{', '.join(engine.name for engine in engines)}\n")
    index_all(engines, about["n_docs"], source_bytes)
    if "warm" not in skip:
        warm([engine for engine in engines if engine.steps], queries, arguments.rounds)
    if "one-shot" not in skip:
        one_shots(engines, queries, arguments.rounds)
    if "commit" not in skip:
        commits([engine for engine in engines if engine.steps], arguments.rounds)
        # The indexes have small segments now, which raw would keep: a later run builds them anew.
        for done in folder.glob("*.indexed"):
            done.unlink()


if __name__ == "__main__":
    main()
