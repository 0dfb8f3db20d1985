//! `hallway check`.

use serde_json::json;

use hallway::{
    error::Result,
    index::{CheckReport, Index, check},
    render::json::VERSION,
    repair::{RepairSummary, repair},
};

use super::{
    Global, Status, TEMPLATE, ingest, locate,
    output::{Output, many},
    progress::Progress,
};

const EXAMPLES: &str = "\
Examples:
  hallway check                  verify every checksum and every record
  hallway check --repair         rebuild a damaged or old index from its sources";

const NOTES: &str = "\
A repair reads the sources that the index recorded, and takes its stored records where a source is gone. What was \
given with `ingest --series` and the like, and what was removed, still holds. The damaged index is set aside, never \
deleted.

Exit status: 0 nothing is wrong or all is mended, 3 damage was found or not mended wholly, 2 the index can't be \
checked, 75 another process is writing to it.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Rebuild the index when it is damaged or of an earlier version
    #[arg(long)]
    repair: bool,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let dir = locate::dir(global)?;
    let verify = || {
        let _bar = Progress::new("verifying the index", "");
        check(&dir)
    };
    if !args.repair {
        return show(&verify().map_err(|error| locate::welcome(global, error))?, args.json, output);
    }
    let mut bar = Progress::new("verifying the index", "files").then(ingest::WRITES);
    let repaired = repair(&dir, locate::n_threads(), &mut |state| {
        bar.show(state.n_files, state.n_files_total, format!(" · {} records", state.n_records));
    });
    drop(bar);
    let (repaired, report) = (repaired.map_err(|error| locate::welcome(global, error))?, verify()?);
    let Some(summary) = repaired else { return show(&report, args.json, output) };
    Index::open(&dir)?.keep_stamps(&summary.seen, &[])?;
    if args.json {
        output.json(&json!({
            "version": VERSION, "repaired": true, "set_aside": summary.set_aside, "sources": summary.n_sources,
            "stored": summary.stored, "losses": summary.losses, "problems": summary.problems,
            "records": report.n_records, "damage": damage(&report),
        }))?;
    } else {
        tell(&summary, output);
        show(&report, false, output)?;
    }
    let is_whole = summary.losses.is_empty() && summary.problems.is_empty() && report.damage.is_empty();
    Ok(if is_whole { Status::Ok } else { Status::Problems })
}

/// What a repair did, on standard error.
pub(super) fn tell(summary: &RepairSummary, output: &mut Output) {
    summary.problems.iter().for_each(|problem| output.problem(problem));
    summary.losses.iter().for_each(|loss| output.note(&format!("lost: {loss}")));
    if !summary.stored.is_empty() {
        output.note("note: can't be read, and taken over from the old index:");
        for (key, n) in &summary.stored {
            output.note(&format!("  {key} ({})", many(*n, "record")));
        }
    }
    match &summary.set_aside {
        Some(aside) => {
            output.note(&format!(
                "rebuilt from {}; the old index is in {}",
                many(summary.n_sources, "source"),
                aside.display()
            ));
        }
        None => output.note("what an earlier repair had begun is done"),
    }
}

fn damage(report: &CheckReport) -> Vec<serde_json::Value> {
    report.damage.iter().map(|damage| json!({ "file": damage.file, "what": damage.what })).collect()
}

fn show(report: &CheckReport, as_json: bool, output: &mut Output) -> Result<Status> {
    let CheckReport { n_files, n_bytes, n_records, .. } = report;
    if as_json {
        output.json(&json!({
            "version": VERSION, "files": n_files, "bytes": n_bytes, "records": n_records, "damage": damage(report),
        }))?;
    } else {
        let bytes = indicatif::DecimalBytes(*n_bytes);
        for damage in &report.damage {
            output.line(&format!("damaged: {}", hallway::render::escape::line(&damage.to_string())))?;
        }
        let files = many(*n_files, "file");
        output.line(&if report.damage.is_empty() {
            format!("{files}, {bytes}, {}: all is well", many(*n_records, "record"))
        } else {
            format!("{files}, {bytes}: {}", many(report.damage.len() as u64, "thing").replace("thing", "finding"))
        })?;
        if !report.damage.is_empty() {
            output.note("`hallway check --repair` rebuilds the index from its sources and sets this one aside");
        }
    }
    Ok(if report.damage.is_empty() { Status::Ok } else { Status::Problems })
}
