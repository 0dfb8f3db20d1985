//! Captions and transcripts: files of our own in the shapes of real ones, with the talks that they must give; and that a
//! word of one is found with its second. Each case is read once more with its outer folder renamed. `HALLWAY_BLESS=1`
//! rewrites the expected records, to be read in the diff.

use std::fs;

use serde_json::{Value, json};

use crate::{
    sandbox::Sandbox,
    texts::{Case, cases},
};

#[test]
fn transcripts_give_the_talks_they_are_of() {
    let all = cases("transcripts");
    assert!(all.len() >= 15, "{} cases", all.len());
    all.iter().for_each(Case::check);
    for case in &all {
        for record in case.parsed("renamed").records {
            let mut last = 0;
            for passage in &record.passages {
                let span = passage.span.as_ref().unwrap();
                assert!(record.source.as_ref().unwrap().end >= span.end && span.start < span.end, "{span:?}");
                for (at, second) in &passage.cues {
                    assert!(passage.text.is_char_boundary(*at as usize) && last <= *second, "{}", case.name);
                    last = *second;
                }
            }
        }
    }
}

/// A cue every 5 s, each with a word of its own.
fn long(n_cues: usize) -> String {
    let time = |second: usize| format!("{:02}:{:02}:{:02}.500", second / 3600, second / 60 % 60, second % 60);
    let cue = |n: usize| {
        let (from, to) = (time(5 * n), time(5 * n + 4));
        format!("{from} --> {to}\nThe number {n} is called\nspecimen{n} and is said here.\n\n")
    };
    format!("WEBVTT\n\n{}", (0..n_cues).map(cue).collect::<String>())
}

#[test]
fn a_word_of_a_long_transcript_is_found_with_its_second() {
    let sandbox = Sandbox::new();
    sandbox.write("in/fooconf-2021/counting [aB3dE6gH9jK].en.vtt", long(1_000));
    assert_eq!(sandbox.run(&["ingest", "in", "--index", "index"]).status, 0);
    for n in [0, 1, 17, 500, 777, 999] {
        let word = format!("specimen{n}");
        let found = sandbox.json(&["search", "--json", &word, "--index", "index"]);
        crate::schema::assert_fits("search.schema.json", &found);
        let hit = &found["hits"][0];
        assert_eq!((&found["total"], &hit["start_s"]), (&json!(1), &json!(5 * n)), "{word}");
        assert_eq!(hit["passages"][0]["start_s"], json!(5 * n), "{word}");
        assert_eq!(hit["kind"], "talk");
    }
    // One talk, however many of its passages match.
    let found = sandbox.json(&["search", "--json", "number called", "--index", "index", "--facets=kind"]);
    assert_eq!((&found["total"], &found["facets"]["kind"]), (&json!(1), &json!([{"value": "talk", "count": 1}])));
    let page = sandbox.run(&["search", "specimen500", "--index", "index"]).stdout;
    assert!(page.contains("at 41:40  https://www.youtube.com/watch?v=aB3dE6gH9jK&t=2500s"), "{page}");
    let page = sandbox.run(&["search", "specimen500", "--index", "index", "--format", "markdown"]).stdout;
    assert!(page.contains("[at 41:40](<https://www.youtube.com/watch?v=aB3dE6gH9jK&t=2500s>)"), "{page}");
    // What is exported is read back as it was.
    let export = sandbox.run(&["export", "--index", "index"]).stdout;
    crate::schema::assert_fits("record.schema.json", &serde_json::from_str(&export).unwrap());
    sandbox.write("again.jsonl", &export);
    assert_eq!(sandbox.run(&["ingest", "again.jsonl", "--index", "again"]).status, 0);
    let found = sandbox.json(&["search", "--json", "specimen777", "--index", "again"]);
    assert_eq!(found["hits"][0]["start_s"], json!(3885));
}

/// A talk and its transcript, by what joins them: its video in the file's name, title and speaker.
#[test]
fn a_transcript_joins_the_talk_that_it_is_of() {
    let talk = json!({
        "title": "Slow queues", "speakers": ["Ann Example"], "conference": "FooConf", "year": 2021,
        "abstract": "Why queues are slow.", "videos": ["https://youtu.be/aB3dE6gH9jK?t=5"],
    });
    let spoken = "WEBVTT\n\n00:01:23.000 --> 00:01:26.000\nThe marmot sleeps in winter.\n";
    let titled = format!("WEBVTT\n\nNOTE\nTitle: Slow queues!\nSpeaker: Ann Example\n{}", &spoken["WEBVTT\n".len()..]);
    for (name, text, joins) in [
        ("videos/aB3dE6gH9jK.en.vtt", spoken, true),
        ("fooconf-2021/day-1.vtt", titled.as_str(), true),
        ("day-1.vtt", titled.as_str(), true),
        ("fooconf-2022/day-1.vtt", titled.as_str(), false),
        ("videos/kJ9hG6eD3bA.en.vtt", spoken, false),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("in/talks.jsonl", talk.to_string());
        sandbox.write(&format!("in/{name}"), text);
        assert_eq!(sandbox.run(&["ingest", "in", "--index", "index"]).status, 0, "{name}");
        let all = sandbox.json(&["search", "--json", "--kind", "talk", "--index", "index"]);
        assert_eq!(all["total"], if joins { 1 } else { 2 }, "{name}");
        let hit = &sandbox.json(&["search", "--json", "marmot", "--index", "index"])["hits"][0];
        assert_eq!(hit["start_s"], 83, "{name}");
        if !joins {
            continue;
        }
        assert_eq!((&hit["title"], &hit["year"]), (&json!("Slow queues"), &json!(2021)));
        let page = sandbox.run(&["search", "marmot", "--index", "index"]).stdout;
        assert!(page.contains("at 1:23  https://youtu.be/aB3dE6gH9jK?t=83s"), "{page}");
        let page = sandbox.run(&["show", hit["id"].as_str().unwrap(), "--index", "index"]).stdout;
        assert!(page.contains("Why queues are slow.") && page.contains("1:23\n") && page.contains("marmot"), "{page}");
        // Either way of finding it shows what it was found by.
        let hit = &sandbox.json(&["search", "--json", "\"queues are slow\"", "--index", "index"])["hits"][0];
        assert_eq!((&hit["snippets"][0]["field"], &hit["passages"]), (&json!("abstract"), &json!([])));
        // Without its transcript the talk is what it was.
        fs::remove_file(sandbox.path("in").join(name)).unwrap();
        assert_eq!(sandbox.run(&["ingest", "in", "--prune", "--index", "index"]).status, 0);
        assert_eq!(sandbox.json(&["search", "--json", "--kind", "talk", "--index", "index"])["total"], 1);
        assert_eq!(sandbox.json(&["search", "--json", "marmot", "--index", "index"])["total"], 0);
    }
}

/// The recording of a whole day is of none of the talks that it is given for.
#[test]
fn a_video_of_several_talks_joins_none() {
    let sandbox = Sandbox::new();
    for n in 0..3 {
        let talk = json!({"title": format!("Talk {n}"), "speakers": ["Ann Example"], "conference": "FooConf 2021",
            "videos": ["https://www.youtube.com/watch?v=aB3dE6gH9jK"]});
        sandbox.write(&format!("in/{n}.jsonl"), talk.to_string());
    }
    sandbox.write("in/aB3dE6gH9jK.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nGood morning.\n");
    assert_eq!(sandbox.run(&["ingest", "in", "--index", "index"]).status, 0);
    assert_eq!(sandbox.json(&["search", "--json", "--kind", "talk", "--index", "index"])["total"], 4);
}

#[test]
fn hostile_captions_come_to_an_end() {
    let cue = "00:01.000 --> 00:02.000\n";
    for (name, text, n_records) in [
        ("x.vtt", format!("WEBVTT\n\n{cue}{}\n", "<c>".repeat(200_000)), 0),
        ("x.vtt", format!("WEBVTT\n\n{cue}{}\n", "word ".repeat(200_000)), 0),
        ("x.vtt", format!("WEBVTT\n\n{}", format!("{cue}{}\n\n", "<v A>b ".repeat(500)).repeat(50)), 1),
        ("x.vtt", format!("WEBVTT\n\n{}", cue.repeat(120_000)), 0),
        ("x.srt", format!("1\n{cue}{}", "a\n".repeat(10_000)), 1),
        ("x.vtt", format!("WEBVTT\n\n{cue}{}\n", "[(".repeat(20_000)), 0),
        ("x.vtt", format!("WEBVTT\n\n{}", format!("{cue}{}\n\n", "<".repeat(60_000)).repeat(5)), 0),
        ("x.vtt", format!("WEBVTT\n\n{cue}x{}", "\n".repeat(1_100_000)), 0),
        ("x.srt", format!("1\n{cue}x\n{}", "9 -->\n".repeat(150_000)), 1),
        ("x.txt", format!("ANN EXAMPLE: {}", "BOB SAMPLE: ".repeat(100_000)), 0),
        ("x.txt", "ANN EXAMPLE: a [\n".repeat(50_000), 1),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(name, &text);
        let run = sandbox.run(&["parse", name]);
        assert_eq!(run.stdout.lines().count(), n_records, "{}: {}", &text[..40], run.stderr);
    }
}

#[test]
fn cues_of_json_lines_are_believed_only_where_they_can_be() {
    let sandbox = Sandbox::new();
    let passage = json!({"text": "grün mail a@b.example then blue", "cues": [[0, 5], [3, 6], [5, 7], [23, 3], [24, 9], [900, 99]], "start_s": 5});
    sandbox.write("x.jsonl", json!({"title": "T", "passages": [passage]}).to_string());
    let value: Value = serde_json::from_str(&sandbox.run(&["parse", "x.jsonl"]).stdout).unwrap();
    assert_eq!(value["passages"][0]["text"], "grün mail  then blue");
    // Byte 3 is within the ü; 23 goes back in time.
    assert_eq!(value["passages"][0]["cues"], json!([[0, 5], [5, 7], [13, 9]]));
}
