//! The baseline of the benches (`benches/support/raw.rs`) as a program, so that it can be measured in a process of its own.
//!
//! ```text
//! raw index DOCS DIR [--threads N] [--segments K]      DOCS: a JSON Lines file, or a folder of them
//! raw search DIR [--snippets] [--facets] QUERY         QUERY: {"op": "and", "terms": ["a", "b"], "year": 2019, …}
//! raw search DIR [--snippets] [--facets] --queries -   a query a line from standard input, an answer a line
//! raw add DIR DOC                                      commits one record
//! ```

use std::{
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use serde_json::{Value, json};

#[path = "../support/raw.rs"]
#[allow(dead_code, reason = "the benches use more of it")]
mod raw;

use raw::{Answer, Question, Raw, Result, Steps};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (mut given, mut n_threads, mut n_segments, mut steps) = (Vec::new(), 1, 1, Steps::default());
    let mut from_stdin = false;
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(argument) = rest.next() {
        match argument {
            "--threads" => n_threads = rest.next().ok_or("--threads takes a number")?.parse()?,
            "--segments" => n_segments = rest.next().ok_or("--segments takes a number")?.parse()?,
            "--snippets" => steps.snippets = true,
            "--facets" => steps.facets = true,
            "--queries" => from_stdin = rest.next() == Some("-"),
            flag if flag.starts_with("--") => return Err(format!("there is no {flag}").into()),
            other => given.push(other),
        }
    }
    match given.as_slice() {
        ["index", docs, dir] => index(Path::new(docs), Path::new(dir), n_threads, n_segments),
        ["search", dir] if from_stdin => answer_all(&Raw::open(Path::new(dir))?, steps),
        ["search", dir, query] => {
            let raw = Raw::open(Path::new(dir))?;
            print(&answer(&raw, query, steps)?)
        }
        ["add", dir, doc] => add(&Raw::open(Path::new(dir))?, doc),
        _ => Err("raw index DOCS DIR | raw search DIR QUERY | raw search DIR --queries - | raw add DIR DOC".into()),
    }
}

fn index(docs: &Path, dir: &Path, n_threads: usize, n_segments: usize) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    let began = Instant::now();
    let (_, built) = Raw::build(dir, &[PathBuf::from(docs)], n_threads, n_segments)?;
    print(&json!({
        "n_docs": built.n_docs,
        "n_segments": built.n_segments,
        "wall_s": began.elapsed().as_secs_f64(),
        "adding_s": built.adding.as_secs_f64(),
        "merging_s": built.merging.as_secs_f64(),
    }))
}

fn answer_all(raw: &Raw, steps: Steps) -> Result<()> {
    for line in io::stdin().lock().lines() {
        print(&answer(raw, &line?, steps)?)?;
    }
    Ok(())
}

fn answer(raw: &Raw, query: &str, steps: Steps) -> Result<Value> {
    let question: Question = serde_json::from_str(query)?;
    let began = Instant::now();
    let answer = raw.search(&question, steps)?;
    let took_us = u64::try_from(began.elapsed().as_micros())?;
    document(raw, &question, &answer, took_us)
}

fn document(raw: &Raw, question: &Question, answer: &Answer, took_us: u64) -> Result<Value> {
    let hits = answer.top.iter().enumerate().map(|(n, (score, address))| match answer.hits.get(n) {
        Some((hit, snippet)) => json!({
            "id": raw.id(hit), "title": raw.title(hit), "score": score,
            "snippet": { "text": snippet.fragment(), "highlights": snippet.highlighted() },
        }),
        None => json!({ "address": [address.segment_ord, address.doc_id], "score": score }),
    });
    let hits: Vec<Value> = hits.collect();
    let mut facets = Value::Null;
    if let Some(counted) = &answer.facets {
        facets = json!({ "series": raw::counts(counted, "series")?, "year": raw::counts(counted, "year")? });
    }
    Ok(json!({ "id": question.id, "took_us": took_us, "hits": hits, "facets": facets }))
}

fn add(raw: &Raw, doc: &str) -> Result<()> {
    let began = Instant::now();
    let mut writer = raw.writer(1)?;
    raw.add(&writer, doc)?;
    raw.commit(&mut writer)?;
    print(&json!({ "took_us": u64::try_from(began.elapsed().as_micros())?, "n_docs": raw.n_docs() }))
}

fn print(document: &Value) -> Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, document)?;
    writeln!(out)?;
    Ok(out.flush()?)
}
