//! `similar` and `overlap`: a small collection of talks that were given twice, rewritten, or share but a speaker, a subject or a
//! title (see `overlap/records.jsonl`), and the drafts of `corpus/proposals` beside the sample.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    expected,
    packed::{gzip, tar, zip},
    sandbox::{Run, Sandbox, repository},
};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/it/overlap", "in");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in/records.jsonl"]).status, 0);
    sandbox
}

fn similar(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["--index", "i", "similar"], arguments].concat())
}

fn similar_json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    sandbox.json(&[&["--index", "i", "similar", "--json"], arguments].concat())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// Ids and verdicts of the hits.
fn verdicts(document: &Value) -> Vec<(&str, &str)> {
    list(&document["hits"]).iter().map(|hit| (text(&hit["id"]), text(&hit["verdict"]))).collect()
}

#[test]
fn a_talk_finds_its_like_and_says_why() {
    let sandbox = sandbox();
    let of = similar_json(&sandbox, &["in/rewritten.jsonl"]);
    let speaker = ("river-2020/certificates", "same speaker, new material");
    let expected = [("river-2019/queues", "same talk"), speaker, ("lake-2021/backpressure", "same subject")];
    assert_eq!(verdicts(&of), expected);
    assert_eq!((&of["version"], &of["verdict"], &of["total"]), (&json!(1), &json!("same talk"), &json!(3)));
    // Of a text without a name it is less sure.
    let anonymous = similar_json(&sandbox, &["in/rewritten.md"]);
    assert_eq!(verdicts(&anonymous)[0], ("river-2019/queues", "same subject"));
    let best = &of["hits"][0];
    assert!(best["score"].as_f64().unwrap() >= 0.5 && list(&best["pairs"]).len() >= 2, "{best}");
    let draft = std::fs::read_to_string(sandbox.path("in/rewritten.jsonl")).unwrap();
    let draft: Value = serde_json::from_str(&draft).unwrap();
    let body = text(&draft["text"]);
    for pair in list(&best["pairs"]) {
        let at = |name: &str| usize::try_from(pair["draft"][name].as_u64().unwrap()).unwrap();
        assert_eq!(&body[at("start")..at("end")], text(&pair["draft"]["text"]));
    }
    let terms: Vec<&str> = list(&best["terms"]).iter().map(|term| text(&term["term"])).collect();
    assert!(terms.contains(&"ledger"), "{terms:?}");
    let page = similar(&sandbox, &["in/rewritten.jsonl", "--explain"]);
    assert_eq!((page.status, page.stderr.as_str()), (0, ""));
    expected::check(&repository().join("tests/it/overlap/similar.txt"), &page.stdout);
}

/// One bio stands under both talks, one title over two, and one text under two sessions that are none.
#[test]
fn speakers_titles_and_boilerplate_make_no_talk_the_same() {
    let sandbox = sandbox();
    let of = similar_json(&sandbox, &["river-2019/queues"]);
    let found: BTreeMap<&str, &str> = verdicts(&of).into_iter().collect();
    assert_eq!(found.get("river-2020/certificates"), Some(&"same speaker, new material"));
    assert_eq!(found.get("lake-2021/title-alone"), None);
    assert_eq!(found.get("river-2019/queues"), None);
    let nothing = similar(&sandbox, &["lake-2021/lightning"]);
    assert_eq!((nothing.status, nothing.stdout.as_str(), nothing.stderr.trim()), (1, "", "nothing close"));
    let nothing = similar_json(&sandbox, &["in/stranger.md"]);
    assert_eq!((&nothing["verdict"], verdicts(&nothing)), (&json!("nothing close"), vec![]));
}

#[test]
fn a_query_says_among_what_to_look() {
    let sandbox = sandbox();
    let of = similar_json(&sandbox, &["in/rewritten.md", "--against", "series:LakeConf year:2021.."]);
    assert_eq!(verdicts(&of), [("lake-2021/backpressure", "same subject")]);
    assert_eq!(of["query"], "series:LakeConf year:2021..");
    let none = similar(&sandbox, &["in/rewritten.md", "--against", "year:1999"]);
    assert_eq!(none.status, 1, "{none:?}");
}

/// Nobody is shown, and a shared speaker counts for nothing.
#[test]
fn a_blind_comparison_knows_nobody() {
    let sandbox = sandbox();
    let of = similar(&sandbox, &["river-2019/queues", "--blind", "--json"]);
    assert!(!of.stdout.contains("Ann") && !of.stdout.contains("Example"), "{}", of.stdout);
    let of: Value = serde_json::from_str(&of.stdout).unwrap();
    assert!(verdicts(&of).iter().all(|(_, verdict)| !verdict.contains("speaker")), "{of}");
}

#[test]
fn what_can_not_be_compared_is_told_so() {
    let sandbox = sandbox();
    sandbox.write("empty.md", " \n");
    sandbox.write("one.txt", "Queues\n");
    sandbox.write("large.md", "word ".repeat(300_000));
    sandbox.write("two.jsonl", "{\"title\": \"A\", \"text\": \"b\"}\n{\"title\": \"C\", \"text\": \"d\"}\n");
    for (arguments, status, said) in [
        (&["empty.md"][..], 2, "empty.md is empty"),
        (&["one.txt"], 2, "there is no text to compare"),
        (&["large.md"], 2, "has 2 MB, and a draft has 1 MB at most"),
        (&["two.jsonl"], 2, "holds 2 talks"),
        (&["in"], 2, "is a folder"),
        (&["river-2019/queue"], 2, "did you mean \"river-2019/queues\""),
        (&["lake-2021/title-alone"], 2, "there is no text to compare"),
        (&["in/rewritten.md", "--against", "year:2019 nosuch:x"], 1, "nosuch"),
        (&["in/german.md"], 1, "it may be in another language"),
        (&["in/rewritten.md", "--against", "year:1903"], 1, "no record to compare with"),
    ] {
        let run = similar(&sandbox, arguments);
        assert_eq!(run.status, status, "{run:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
    let error = similar_json(&sandbox, &["empty.md"]);
    assert_eq!(error["error"]["kind"], "input");
}

fn sample() -> Sandbox {
    let sandbox = Sandbox::with_sample();
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "corpus"]).status, 0);
    sandbox
}

fn overlap(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["--index", "i", "overlap"], arguments].concat())
}

/// Planted: 1 and 7 repeat talks of the collection in part to the letter, 2, 3 and 8 are rewritten by others, 4 and 5 are one.
#[test]
fn a_call_is_compared_with_the_sample_and_with_itself() {
    let sandbox = sample();
    let page = overlap(&sandbox, &["corpus/proposals", "--html", "page.html"]);
    assert_eq!(page.status, 0, "{page:?}");
    let html = std::fs::read_to_string(sandbox.path("page.html")).unwrap();
    let table = overlap(&sandbox, &["corpus/proposals", "--format", "csv"]);
    for (name, printed) in [("call.txt", &page.stdout), ("call.csv", &table.stdout), ("call.html", &html)] {
        expected::check(&repository().join("tests/it/overlap").join(name), printed);
    }
    let call = sandbox.json(&["--index", "i", "overlap", "corpus/proposals", "--json"]);
    let proposals = list(&call["proposals"]);
    let nearest = |number: usize| text(&proposals[number - 1]["earlier"][0]["title"]).to_owned();
    assert_eq!(proposals.len(), 20);
    for (number, title) in [
        (1, "Hidden Linux Metrics with ebpf_exporter"),
        (2, "Bomb Squad: Containing the Cardinality Explosion"),
        (3, "Failure Friday! - Start injecting failure today"),
        (7, "Advanced asyncio: Solving Real-world Production Problems"),
    ] {
        assert_eq!(nearest(number), title);
    }
    let twice: Vec<&Value> = list(&call["duplicates"]).iter().map(|pair| &pair["proposals"]).collect();
    assert_eq!(twice, [&json!([4, 5])]);
    assert_eq!(call["people"], json!([{ "name": "author-04", "proposals": [4, 5, 20] }]));
    assert_eq!(proposals[17]["verdict"], "nothing close");
}

/// Who proposed what changes no byte of a blind call, and nobody is in it.
#[test]
fn a_blind_call_is_the_same_whoever_proposes() {
    let sandbox = sample();
    let csv = "Title,Speakers,Organisation,Abstract\n\
        One,Ann Example,Turnstile Works,\"Ann Example traces kernel caches and disks with eBPF at Turnstile Works, with labels.\"\n\
        Two,Ben Sample;Cem Muster,Lake Ltd,\"Two hundred certificates were rotated, as Sample and Muster tell, without an outage.\"\n\
        Three,Dan Holder,,\"Kernel caches and disks are traced with eBPF, and labels attached by Example.\"\n";
    let names = ["Ann Example", "Ben Sample;Cem Muster", "Dan Holder"];
    let organisations = ["Turnstile Works", "Lake Ltd", ""];
    let printed = |order: [usize; 3]| {
        let lines = csv.lines().enumerate().map(|(at, line)| {
            let cells: Vec<&str> = line.splitn(4, ',').collect();
            let Some(row) = at.checked_sub(1) else { return line.to_owned() };
            format!("{},{},{},{}", cells[0], names[order[row]], organisations[order[row]], cells[3])
        });
        sandbox.write("call.csv", lines.collect::<Vec<_>>().join("\n"));
        let formats = ["text", "json", "csv"].map(|format| {
            let run = overlap(&sandbox, &["call.csv", "--blind", "--format", format, "--html", "page.html"]);
            assert_eq!(run.status, 0, "{run:?}");
            run.stdout + &run.stderr
        });
        (formats, std::fs::read_to_string(sandbox.path("page.html")).unwrap())
    };
    let first = printed([0, 1, 2]);
    for order in [[1, 2, 0], [2, 1, 0]] {
        assert_eq!(printed(order), first);
    }
    for text in first.0.iter().chain([&first.1]) {
        for name in ["Ann", "Example", "Sample", "Muster", "Holder", "Turnstile", "Lake Ltd"] {
            assert!(!text.contains(name), "{name} is in {text}");
        }
    }
}

/// What is said of a proposal does not depend on where it stands in the file.
#[test]
fn the_order_of_proposals_does_not_matter() {
    let sandbox = sample();
    let said = |file: &str| -> BTreeMap<String, Value> {
        let call = sandbox.json(&["--index", "i", "overlap", file, "--json"]);
        let of = |proposal: &Value| {
            let fellows = list(&proposal["fellows"]).iter().map(|near| json!([near["title"], near["score"]]));
            let said =
                json!([proposal["verdict"], proposal["novelty"], proposal["earlier"], fellows.collect::<Value>()]);
            (text(&proposal["title"]).to_owned(), said)
        };
        list(&call["proposals"]).iter().map(of).collect()
    };
    let table = std::fs::read_to_string(sandbox.path("corpus/proposals/proposals.csv")).unwrap();
    let (head, rows) = table.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().rev().collect();
    sandbox.write("reversed.csv", format!("{head}\n{}\n", rows.join("\n")));
    let reversed = said("reversed.csv");
    for (title, expected) in said("corpus/proposals/proposals.csv") {
        assert_eq!(reversed[&title], expected, "{title}");
    }
}

#[test]
fn a_call_that_is_broken_in_part_is_compared_in_part() {
    let sandbox = sample();
    sandbox.write("call/one.md", "Kernel caches, disks and processors, counted with eBPF while tasks wait for them.\n");
    sandbox.write("call/two.csv", "Colour,Size\nred,2\n");
    sandbox.write("call/three.jsonl", "{\"id\": \"x\", \"title\": \"A\", \"text\": \"short\"}\n");
    let run = overlap(&sandbox, &["call"]);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.stderr.contains("two.csv"), "{}", run.stderr);
    assert!(run.stderr.contains("proposal 2: there is too little text to compare"), "{}", run.stderr);
    let none = overlap(&sandbox, &["call/two.csv"]);
    assert_eq!(none.status, 2, "{none:?}");
    sandbox.write("same.jsonl", "{\"id\": \"x\", \"title\": \"A\"}\n{\"id\": \"x\", \"title\": \"B\"}\n");
    let run = overlap(&sandbox, &["same.jsonl"]);
    assert!(run.stderr.contains("several proposals have the id x"), "{}", run.stderr);
}

/// One paragraph under all of them makes no two proposals alike; five copies of one text are copies all the same.
#[test]
fn sentences_that_repeat_across_a_call_do_not_count() {
    let sandbox = sample();
    let form = "The committee of the river works invites harbours, turnstiles, ledgers and lanterns. Ballast is welcome everywhere.";
    let own = |n: usize| (0..12).map(|at| format!("own{n}x{at}")).collect::<Vec<_>>().join(" ");
    let table = |text: &dyn Fn(usize) -> String| {
        let rows = (0..12).map(|n| format!("Title of {n},author-{n},\"{}\"", text(n)));
        ["Title,Speaker names,Abstract".to_owned()].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
    };
    sandbox.write("form.csv", table(&|n| format!("{}. {form}", own(n))));
    let call = sandbox.json(&["--index", "i", "overlap", "form.csv", "--json"]);
    assert!(list(&call["proposals"]).iter().all(|proposal| list(&proposal["fellows"]).is_empty()), "{call}");
    let note = "sentences that repeat across the proposals don't count: 12 of 12 have some";
    assert_eq!(call["notes"], json!([note]));
    sandbox.write("copies.csv", table(&|n| if n < 5 { form.to_owned() } else { format!("{}.", own(n)) }));
    let call = sandbox.json(&["--index", "i", "overlap", "copies.csv", "--json"]);
    let twice: Vec<&Value> = list(&call["duplicates"]).iter().map(|pair| &pair["proposals"]).collect();
    assert!(twice.contains(&&json!([1, 2])), "{call}");
    assert_eq!(call["notes"], json!([]));
}

#[test]
fn a_call_may_be_an_archive() {
    let sandbox = sample();
    let table = std::fs::read(sandbox.path("corpus/proposals/proposals.csv")).unwrap();
    let prose = b"# Counting\n\nKernel caches, disks and processors, counted with eBPF while tasks wait for them.\n";
    let files = [("call/a.csv", &table[..]), ("call/b.md", &prose[..])];
    sandbox.write("call.zip", zip(&files));
    sandbox.write("call.tar.gz", gzip(&tar(&files)));
    for name in ["call.zip", "call.tar.gz"] {
        let call = sandbox.json(&["--index", "i", "overlap", name, "--json"]);
        assert_eq!(list(&call["proposals"]).len(), 21, "{name}");
        assert_eq!(call["proposals"][20]["title"], "Counting");
    }
    sandbox.write("empty.zip", zip(&[]));
    let none = overlap(&sandbox, &["empty.zip"]);
    assert!(none.status == 2 && none.stderr.contains("empty.zip: holds no file"), "{none:?}");
    let draft = similar(&sandbox, &["call.zip"]);
    assert!(draft.status == 2 && draft.stderr.contains("call.zip is an archive"), "{draft:?}");
}

#[test]
fn editions_are_compared_with_each_other() {
    let sandbox = sample();
    let names = ["PromCon 2018", "PyCon US 2019", "EuroPython 2019"];
    let printed = |more: &[&str]| {
        let run = overlap(&sandbox, &[&["--editions"], &names[..], more].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
        run.stdout
    };
    let page = printed(&["--html", "page.html"]);
    let html = std::fs::read_to_string(sandbox.path("page.html")).unwrap();
    let (table, svg) = (printed(&["--format", "csv"]), printed(&["--format", "svg"]));
    for (name, printed) in
        [("editions.txt", &page), ("editions.csv", &table), ("editions.svg", &svg), ("editions.html", &html)]
    {
        expected::check(&repository().join("tests/it/overlap").join(name), printed);
    }
    let found: Value = serde_json::from_str(&printed(&["--json"])).unwrap();
    assert_eq!(found["cells"][0][0], Value::Null);
    // The one talk that was given at both, over the talks of the row.
    let (cell, back) = (&found["cells"][1][2], &found["cells"][2][1]);
    assert_eq!(cell["pairs"][0]["a_title"], cell["pairs"][0]["b_title"]);
    let sums = [(cell, 1), (back, 2)]
        .map(|(cell, edition)| cell["value"].as_f64().unwrap() * found["editions"][edition]["talks"].as_f64().unwrap());
    assert!((sums[0] - sums[1]).abs() < 0.01, "{sums:?}");
    let unknown = overlap(&sandbox, &["--editions", "PromCon 2018", "PromCom 2016"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("PromCon 2016"), "{}", unknown.stderr);
    assert_eq!(overlap(&sandbox, &["--editions", "PromCon 2018"]).status, 2);
    assert_eq!(overlap(&sandbox, &["corpus/proposals", "--format", "svg"]).status, 2);
}

#[test]
fn a_program_is_held_against_rules() {
    let sandbox = sample();
    let balance = |arguments: &[&str]| sandbox.run(&[&["--index", "i", "balance"], arguments].concat());
    let page = balance(&["corpus/proposals"]);
    assert_eq!((page.status, page.stderr.as_str()), (3, ""));
    expected::check(&repository().join("tests/it/overlap/balance.txt"), &page.stdout);
    let of = |arguments: &[&str]| -> Value { serde_json::from_str(&balance(arguments).stdout).unwrap() };
    let found = of(&["corpus/proposals", "--json"]);
    let broken = |found: &Value| -> Vec<(String, String)> {
        let of = |broken: &Value| (text(&broken["rule"]).to_owned(), text(&broken["name"]).to_owned());
        list(&found["balance"]["broken"]).iter().map(of).collect()
    };
    let organisation = ("organisation_share".to_owned(), "organisation-c".to_owned());
    assert_eq!(broken(&found), [("talks_per_speaker".to_owned(), "author-04".to_owned()), organisation.clone()]);
    assert_eq!((&found["balance"]["talks"], &found["balance"]["left_out"]), (&json!(18), &json!([18, 19])));
    assert_eq!(found["balance"]["broken"][0]["talks"], json!([4, 5, 20]));
    assert_eq!((&found["balance"]["first_time"], &found["balance"]["returning"]), (&json!(16), &json!(0)));
    sandbox.write("rules.toml", "talks_per_speaker = 3\norganisation_share = 0.12\n");
    let found = of(&["corpus/proposals", "--rules", "rules.toml", "--json"]);
    assert_eq!(broken(&found), [organisation]);
    sandbox.write("rules.toml", "talks_per_speaker = 3\norganisation_share = 1.0\n");
    assert_eq!(balance(&["PromCon 2018", "--rules", "rules.toml"]).status, 0);
    // Of an edition those are returning who spoke in an earlier year.
    let found = of(&["PromCon 2018", "--json"]);
    assert!(found["balance"]["returning"].as_u64().unwrap() > 0, "{found}");
    for (rules, said) in [
        ("talks_per_speaker = \"x\"", "invalid type"),
        ("colour = 2", "unknown field"),
        ("topic_share = 2.0", "topic_share is 2"),
    ] {
        sandbox.write("rules.toml", rules);
        let run = balance(&["PromCon 2018", "--rules", "rules.toml"]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    let unknown = balance(&["PromCom 2018"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("PromCon 2018"), "{unknown:?}");
}

#[test]
fn what_is_there_twice_is_found_again() {
    let sandbox = Sandbox::new();
    let words = |n: usize| {
        let word = |at: usize| format!("w{n}x{}", at * 7 % 40);
        (0..40).map(word).collect::<Vec<_>>().join(" ")
    };
    let talk = |n: usize, edition: usize| {
        json!({
            "id": format!("conf-{edition}/talk-{n}"),
            "title": format!("Of river {n}"),
            "series": "Conf",
            "edition": format!("Conf {edition}"),
            "edition_id": format!("conf-{edition}"),
            "year": edition,
            "speakers": [{ "name": format!("Speaker Number{n}") }],
            "abstract": format!("{}. Said anew at {edition}.", words(n)),
        })
    };
    let talks = (0..12).flat_map(|n| [2019, 2021].map(|edition| talk(n, edition).to_string()));
    let other = talk(99, 2020).to_string();
    sandbox.write("talks.jsonl", talks.chain([other, "{broken".to_owned()]).collect::<Vec<_>>().join("\n"));
    let run = sandbox.run(&["eval", "overlap", "talks.jsonl", "--json"]);
    assert_eq!(run.status, 3, "{run:?}");
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&found["n_talks"], &found["n_repeats"], &found["n_groups"]), (&json!(25), &json!(24), &json!(12)));
    let all: Vec<&Value> = list(&found["halves"]).iter().map(|half| &half[0]).collect();
    assert_eq!(all.iter().map(|half| half["n_queries"].as_u64().unwrap()).sum::<u64>(), 24);
    for half in all {
        for method in list(&half["methods"]) {
            assert_eq!(method["recall_at_1"]["value"], 1.0, "{method}");
        }
        assert_eq!((&half["precision"]["value"], &half["recall"]["value"]), (&json!(1.0), &json!(1.0)));
    }
    assert_eq!(found["problems"].as_array().unwrap().len(), 1);
    let page = sandbox.run(&["eval", "overlap", "talks.jsonl"]);
    assert!(page.stdout.contains("25 talks; 24 are there again, in 12 groups"), "{}", page.stdout);
    sandbox.write("none.jsonl", talk(1, 2020).to_string());
    let none = sandbox.run(&["eval", "overlap", "none.jsonl"]);
    assert!(none.status == 2 && none.stderr.contains("holds no talk at two editions"), "{none:?}");
}

/// What a page holds of its proposals is text, and its policy lets through its own script and style sheet alone.
#[test]
fn the_page_is_harmless() {
    let sandbox = sample();
    let hostile =
        "</script><script>alert(1)</script><img src=x onerror=alert(1)> \\\" kernel caches disks eBPF labels tasks";
    let line = format!("{{\"title\": \"{hostile}\", \"speakers\": [\"<b>One</b>\"], \"text\": \"{hostile}\"}}\n");
    sandbox.write("call.jsonl", line.repeat(2));
    let run = overlap(&sandbox, &["call.jsonl", "--html", "page.html", "--against", "kernel <i>"]);
    assert!(run.status == 0 || run.status == 3, "{run:?}");
    let html = std::fs::read_to_string(sandbox.path("page.html")).unwrap();
    for markup in ["<script>alert", "<img", "<b>", "<i>", "onclick", "style=", "http://", "https://"] {
        assert!(!html.contains(markup), "{markup}");
    }
    for element in ["style", "script"] {
        let (_, rest) = html.split_once(&format!("<{element}>")).unwrap();
        let (content, _) = rest.split_once(&format!("</{element}>")).unwrap();
        let hash = base64(&sha256(content.as_bytes()));
        assert!(html.contains(&format!("'sha256-{hash}'")), "the policy has to name sha256-{hash} for <{element}>");
    }
    assert_eq!(html.matches("<script").count(), 1);
}

/// FIPS 180-4, for a page of a few kilobytes.
fn sha256(bytes: &[u8]) -> Vec<u8> {
    let primes = (2_u64..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0));
    let primes: Vec<u64> = primes.take(64).collect();
    // The first 32 bits behind the point of a root, found exactly.
    let root = |n: u64, power: u32| {
        let (mut low, mut high) = (0_u128, 1 << 40);
        while high - low > 1 {
            let middle = u128::midpoint(low, high);
            let is_low = middle.pow(power) <= u128::from(n) << (32 * power);
            (low, high) = if is_low { (middle, high) } else { (low, middle) };
        }
        u32::try_from(low & 0xffff_ffff).unwrap()
    };
    let k: Vec<u32> = primes.iter().map(|prime| root(*prime, 3)).collect();
    let mut state: Vec<u32> = primes.iter().take(8).map(|prime| root(*prime, 2)).collect();
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend((bytes.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut w: Vec<u32> = block.chunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect();
        for at in 16..64 {
            let (a, b) = (w[at - 15], w[at - 2]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w.push(w[at - 16].wrapping_add(s0).wrapping_add(w[at - 7]).wrapping_add(s1));
        }
        let mut v = state.clone();
        for at in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let one = v[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(k[at]).wrapping_add(w[at]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(one);
            v[0] = one.wrapping_add(s0.wrapping_add(majority));
        }
        state.iter_mut().zip(v).for_each(|(state, v)| *state = state.wrapping_add(v));
    }
    state.into_iter().flat_map(u32::to_be_bytes).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).map(|three| {
        let n = (0..3).fold(0_u32, |n, at| n << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        let digit = |at: usize| char::from(DIGITS[(n >> (18 - 6 * at) & 63) as usize]);
        (0..4).map(|at| if at <= three.len() { digit(at) } else { '=' }).collect::<String>()
    });
    digits.collect()
}
