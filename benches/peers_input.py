"""What peers.py reads and asks: documents in files that hallway takes, and queries drawn from them by class."""
import collections
import json
import os
import random
import re

FILE_BYTES_MAX = 40 << 20  # hallway refuses files over 64 MB
WORD = re.compile(r"[^\W_]+")
N_SAMPLED = 2000  # documents that phrases and pairs are drawn from
STOP = set("""
the and for that with this you are your from can have will how what about not but our use all more they has using
which into also when one who some like there their them its was been his her were out just other than where why those
these over does should would could very much many most such then each only both between through while after before
""".split())


def prepare(source, folder):
    """Numbers the titles, splits the documents into files, and draws the queries. Holds the vocabulary alone."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    with open(source, "rb") as file:
        n_docs = sum(1 for line in file if line.strip())
    every = max(1, n_docs // N_SAMPLED)
    frequency, sampled, out, n_bytes, n_files = collections.Counter(), [], None, 0, 0
    with open(source, encoding="utf-8") as file:
        for number, line in enumerate((line for line in file if line.strip()), 1):
            doc = json.loads(line)
            doc["title"] = f"{doc.get('title') or ''} {number}".strip()
            line = json.dumps(doc, ensure_ascii=False).encode() + b"\n"
            if out is None or n_bytes + len(line) > FILE_BYTES_MAX:
                if out:
                    out.close()
                out = open(docs / f"part-{n_files:05}.jsonl", "wb")
                n_bytes, n_files = 0, n_files + 1
            n_bytes += len(line)
            out.write(line)
            words = WORD.findall((doc.get("text") or "").lower())
            frequency.update(set(words))
            if number % every == 0:
                sampled.append((words, doc.get("year")))
    out.close()
    queries = draw(frequency, sampled, n_docs)
    (folder / "queries.jsonl").write_text("".join(json.dumps(query) + "\n" for query in queries))
    (folder / "prepared.json").write_text(json.dumps({"n_docs": n_docs, "source": os.path.getsize(source)}))


def draw(frequency, sampled, n_docs):
    """Queries by class: words by how many documents hold them; pairs and phrases from a sample of the documents."""
    rng = random.Random(7)
    plain = lambda word: word.isascii() and word.isalpha() and len(word) >= 4 and word not in STOP
    band = lambda low, high: sorted(w for w, n in frequency.items() if low <= n <= high and plain(w))
    rare = band(3, 8)
    middling = band(max(10, n_docs // 200), max(20, n_docs // 50))
    common = sorted((w for w in frequency if plain(w)), key=lambda w: (-frequency[w], w))[:40]
    queries = []

    def add(name, op, terms, year=None):
        number = 1 + sum(query["class"] == name for query in queries)
        queries.append({"id": f"{name}-{number:02}", "class": name, "op": op, "terms": terms, "year": year})

    def words_of_one(n):
        for _ in range(10_000):
            words, year = rng.choice(sampled)
            held = sorted({w for w in words if plain(w) and frequency[w] >= max(10, n_docs // 250)})
            if len(held) >= n:
                return rng.sample(held, n), year
        raise SystemExit("the documents are too few, or have too few words in common, to draw queries from")

    def neighbours(n, least, most):
        found = collections.Counter()
        for words, _ in sampled:
            found.update(set(zip(*(words[at:] for at in range(n)))))
        fit = lambda words, count: least <= count <= most and plain(words[0]) and plain(words[-1])
        return sorted(words for words, count in found.items() if fit(words, count))

    some = lambda words, n: rng.sample(words, min(n, len(words)))
    for word in some(rare, 7):
        add("rare", "term", [word])
    for word in some(middling, 6):
        add("mid", "term", [word])
    for word in some(common, 7):
        add("common", "term", [word])
    for n in (2, 4):
        for _ in range(6):
            add(f"and{n}", "and", words_of_one(n)[0])
    for n in (2, 4):
        for _ in range(6):
            add(f"or{n}", "or", words_of_one(n)[0])
    for words in some(neighbours(2, 3, len(sampled) // 10), 5) + some(neighbours(3, 3, len(sampled) // 20), 3):
        add("phrase", "phrase", list(words))
    for word in some(middling, 6):
        add("prefix", "prefix", [word[:4]])
    for _ in range(8):
        (word,), year = words_of_one(1)
        if year:
            add("filter", "filter", [word], year)
    return queries
