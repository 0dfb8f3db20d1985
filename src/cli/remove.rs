//! `hallway remove`.

use std::path::{Path, PathBuf};

use serde_json::json;

use hallway::{
    error::Result,
    index::Index,
    removal::{Target, removals, remove, removed_id, restore},
    render::{escape::line, json::VERSION},
    repair::set_aside,
    source::{archive_of, is_url, url_key},
};

use super::{
    Global, Status, TEMPLATE, locate,
    output::{Output, many, usage},
    progress::Progress,
    show::{other_ids, the_record},
};

const EXAMPLES: &str = "\
Examples:
  hallway remove srecon-emea-2023/a-talk         one record and its copies
  hallway remove ./old-programs                  a file, or those of a folder
  hallway remove talks.zip!/day1.md              one file of an archive
  hallway remove https://example.org/schedule.xml
  hallway remove --restore srecon-emea-2023/a-talk~1a2b3c
  hallway remove --list                          what is kept out";

const NOTES: &str = "\
What was removed stays out when its source is read again, until --restore. Nothing of it is left in the index's files; \
of a record, its id and hashes of what tells it are kept, so that it can be kept out.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Ids of records, and files and folders; an id comes first, `./x` is always a path
    #[arg(value_name = "ID|SOURCE", required_unless_present = "list")]
    targets: Vec<String>,
    /// Let them in again, and read their sources
    #[arg(long)]
    restore: bool,
    /// List what is kept out
    #[arg(long, conflicts_with_all = ["restore", "targets"])]
    list: bool,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let index = locate::open(global, output)?;
    if args.list {
        return list(&index, args.json, output);
    }
    let targets: Vec<Target> =
        args.targets.iter().map(|given| target(&index, given, args.restore)).collect::<Result<_>>()?;
    if args.restore {
        let bar = Progress::new("reading the sources", "");
        let restored = restore(&index, &targets, locate::n_threads());
        drop(bar);
        let restored = restored?;
        if args.json {
            output.json(&json!({
                "version": VERSION, "records": restored.n_records, "unread": restored.unread, "problems": restored.problems,
            }))?;
        } else {
            restored.problems.iter().for_each(|problem| output.problem(problem));
            for key in &restored.unread {
                output.note(&format!("{key} can't be read: what came from it comes back when it is ingested again"));
            }
            output.line(&format!("restored {}", many(restored.n_records, "record")))?;
        }
        output.flush()?;
        index.keep_stamps(&restored.seen, &[])?;
        index.compact()?;
        return Ok(if restored.unread.is_empty() && restored.problems.is_empty() {
            Status::Ok
        } else {
            Status::Problems
        });
    }
    let bar = Progress::new("removing", "");
    let removed = remove(&index, &targets);
    drop(bar);
    let removed = removed?;
    if args.json {
        output.json(&json!({ "version": VERSION, "records": removed.records, "sources": removed.sources }))?;
    } else {
        for name in removed.records.iter().chain(&removed.sources) {
            output.line(&format!("removed {}", line(name)))?;
        }
        for aside in set_aside(index.dir()) {
            output.note(&format!("{} still holds what it held: delete it when you need it no more", aside.display()));
        }
    }
    index.keep_stamps(&[], &removed.sources)?;
    Ok(Status::Ok)
}

fn list(index: &Index, as_json: bool, output: &mut Output) -> Result<Status> {
    let catalog = index.catalog()?;
    if as_json {
        let records: Vec<_> = catalog.removed_records.keys().collect();
        let sources: Vec<_> = catalog.removed_sources.keys().collect();
        output.json(&json!({ "version": VERSION, "records": records, "sources": sources }))?;
    } else {
        removals(&catalog).into_iter().try_for_each(|name| output.line(&line(name)))?;
    }
    Ok(Status::Ok)
}

/// An id comes first; what is both an id and a path has to be told apart.
fn target(index: &Index, given: &str, restore: bool) -> Result<Target> {
    let path = full_path(given);
    if given.starts_with("./") || given.starts_with("../") || Path::new(given).is_absolute() || is_url(given) {
        return Ok(Target::Source(path));
    }
    let id =
        if restore { removed_id(&index.catalog()?, given)? } else { the_record(index, given)?.map(|record| record.id) };
    // A file, a member of an archive, what came by standard input.
    let is_source = path.exists() || index.catalog()?.sources.contains_key(&*path.to_string_lossy());
    match id {
        Some(_) if is_source => Err(usage(
            &format!("\"{given}\" is a record's id and a path"),
            &format!("write ./{given} for the path, or the id with its suffix (`hallway search --format id`)"),
        )),
        Some(id) => Ok(Target::Record(id)),
        None if is_source || restore => Ok(Target::Source(path)),
        None => Err(usage(
            &format!("\"{given}\" is neither a record's id nor a path"),
            &format!("a source that is gone is named by its full path; {}", other_ids(index, given)?),
        )),
    }
}

/// As the catalog has it, also when the file is gone.
fn full_path(given: &str) -> PathBuf {
    if let Some((archive, member)) = archive_of(given) {
        let mut path = full_path(archive).into_os_string();
        path.push(format!("!/{member}"));
        return path.into();
    }
    if is_url(given) {
        return url_key(given).into();
    }
    if given.starts_with("stdin:") {
        return given.into();
    }
    let path = Path::new(given);
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
