//! Where the index is: `--index`, `HALLWAY_INDEX`, `hallway.toml`, the nearest `index/` upwards that carries the marker,
//! `$XDG_DATA_HOME/hallway/index`; and the first use of the sample collection.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::Deserialize;

use hallway::{
    error::{Error, ErrorKind, Result},
    index::{Index, MARKER, SAMPLE_MARKER},
    ingest::{IngestRequest, ingest},
};

use super::{Global, output::Output};

/// `hallway.toml`, found in the current folder or above.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Relative to the file's own folder.
    index: Option<PathBuf>,
}

const CONFIG: &str = "hallway.toml";
/// How long a first use waits for another that is building the same sample index.
const SAMPLE_WAIT: Duration = Duration::from_secs(60);

/// The folder of the index, whether or not it is there.
pub(super) fn dir(global: &Global) -> Result<PathBuf> {
    if let Some(dir) = &global.index {
        return Ok(dir.clone());
    }
    if let Some(dir) = std::env::var_os("HALLWAY_INDEX").filter(|dir| !dir.is_empty()) {
        return Ok(dir.into());
    }
    let here = std::env::current_dir().map_err(|cause| Error::io("can't find", Path::new("."), cause))?;
    for folder in here.ancestors() {
        if let Some(dir) = configured(&folder.join(CONFIG))? {
            return Ok(folder.join(dir));
        }
        let dir = folder.join("index");
        if first_line(&dir).is_some_and(|line| line.starts_with(MARKER)) {
            return Ok(dir);
        }
    }
    let data = std::env::var_os("XDG_DATA_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".local/share"));
    let data = data.or_else(home).ok_or_else(|| {
        Error::new(ErrorKind::NoIndex, "there is no home folder to keep an index in").hint("name one with --index DIR")
    })?;
    Ok(data.join("hallway").join("index"))
}

fn configured(file: &Path) -> Result<Option<PathBuf>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(Error::io("can't read", file, cause)),
    };
    let config: Config = toml::from_str(&text).map_err(|error| {
        Error::new(ErrorKind::Usage, format!("{} can't be used", file.display()))
            .because(error)
            .hint("it may hold one key: index = \"FOLDER\"")
    })?;
    Ok(config.index)
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
            None => Err(error),
        },
        other => other,
    }
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
