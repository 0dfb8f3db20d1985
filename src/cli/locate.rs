//! Where the index is: `--index`, `HALLWAY_INDEX`, the nearer of `hallway.toml` and an `index/` upwards that carries the
//! marker, the user's configuration, `$XDG_DATA_HOME/hallway/index`; and the first use of the sample collection.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use hallway::{
    error::{Error, ErrorKind, Result},
    index::{Index, MARKER, SAMPLE_MARKER},
    ingest::{IngestRequest, ingest},
};

use super::{
    Global,
    config::{self, Found, Origin, Value},
    output::Output,
    usage::shell_quoted,
};

/// How long a first use waits for another that is building the same sample index.
const SAMPLE_WAIT: Duration = Duration::from_secs(60);

/// The folder of the index, whether or not it is there.
pub(super) fn dir(global: &Global) -> Result<PathBuf> {
    match found(global)?.value {
        Value::Path(dir) => Ok(dir),
        other => unreachable!("an index is {other:?}"),
    }
}

/// The folder of the index, and who says so. A marked `index/` is worth as much as a `hallway.toml`: the nearer one counts.
pub(super) fn found(global: &Global) -> Result<Found> {
    let flag = global.index.clone().map(Value::Path);
    if let Some(found) = config::of_this_run(config::setting("index"), flag)? {
        return Ok(found);
    }
    let here = std::env::current_dir().map_err(|cause| Error::io("can't find", Path::new("."), cause))?;
    let project = global.config.project()?;
    let named = project.and_then(|file| Some((file.path.parent()?, file.get("index")?)));
    for folder in here.ancestors() {
        match &named {
            Some((its_folder, found)) if *its_folder == folder => return Ok(found.clone()),
            _ => {}
        }
        let dir = folder.join("index");
        if first_line(&dir).is_some_and(|line| line.starts_with(MARKER)) {
            return Ok(Found { value: Value::Path(dir), origin: Origin::Nearest });
        }
    }
    if let Some(found) = global.config.user()?.and_then(|file| file.get("index")) {
        return Ok(found);
    }
    let data = std::env::var_os("XDG_DATA_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".local/share"));
    let data = data.or_else(home).ok_or_else(|| {
        Error::new(ErrorKind::NoIndex, "there is no home folder to keep an index in").hint("name one with --index DIR")
    })?;
    Ok(Found { value: Value::Path(data.join("hallway").join("index")), origin: Origin::Default })
}

fn first_line(dir: &Path) -> Option<String> {
    let text = fs::read_to_string(dir.join("README.md")).ok()?;
    text.lines().next().map(|line| line.trim_end().to_owned())
}

/// Opens the index for reading. The sample's is built at first use, and again when another version of hallway built it.
pub(super) fn open(global: &Global, output: &mut Output) -> Result<Index> {
    let dir = dir(global)?;
    match Index::open(&dir) {
        Err(error) if matches!(error.kind(), ErrorKind::NoIndex | ErrorKind::Index) => match sample_of(&dir) {
            Some(corpus) => build_sample(&dir, &corpus, error.kind(), output),
            None => Err(welcome(global, error)),
        },
        other => other,
    }
}

/// To somebody without an index: the two commands that make one and ask it.
pub(super) fn welcome(global: &Global, error: Error) -> Error {
    if error.kind() != ErrorKind::NoIndex {
        return error;
    }
    let flag = global
        .index
        .as_ref()
        .map(|dir| format!(" --index {}", shell_quoted(&dir.to_string_lossy())))
        .unwrap_or_default();
    let named = match found(global) {
        Ok(Found { origin: origin @ (Origin::Variable(_) | Origin::File { .. }), .. }) => {
            format!("{origin} names it; ")
        }
        _ => String::new(),
    };
    error.hint(format!(
        "{named}these two make one and ask it:\n  hallway{flag} ingest ~/conferences\n  hallway{flag} search eBPF"
    ))
}

/// The `corpus/` beside an `index/` that is marked as the sample's.
fn sample_of(dir: &Path) -> Option<PathBuf> {
    let corpus = dir.canonicalize().ok()?.parent()?.join("corpus");
    (first_line(dir)? == SAMPLE_MARKER && corpus.is_dir()).then_some(corpus)
}

fn build_sample(dir: &Path, corpus: &Path, why: ErrorKind, output: &mut Output) -> Result<Index> {
    output.note("indexing the sample collection in corpus/ (first use)");
    if why == ErrorKind::Index {
        match hallway::repair::discard(dir) {
            // Another process is building it: wait for that one.
            Err(error) if error.kind() == ErrorKind::Busy => {}
            other => other?,
        }
    }
    let request = IngestRequest { paths: vec![corpus.to_owned()], n_threads: n_threads(), ..IngestRequest::default() };
    let began = Instant::now();
    loop {
        let built = Index::open_or_create(dir).and_then(|index| {
            let summary = ingest(&index, &request, &mut |_| {})?;
            index.keep_stamps(&summary.seen, &summary.forgotten)?;
            Ok(index)
        });
        match built {
            Err(error) if error.kind() == ErrorKind::Busy && began.elapsed() < SAMPLE_WAIT => {
                std::thread::sleep(Duration::from_millis(50));
            }
            other => return other,
        }
    }
}

/// Threads for parsing.
pub(super) fn n_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
