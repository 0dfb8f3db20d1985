//! What is given on the command line: paths; URLs, which are fetched; `-`, which is read. What is no file of the user's lies
//! in a folder that is gone when the process ends.

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use hallway::{
    error::{Error, ErrorKind, Result},
    source::{self, Given, Got, Validators, http, stdin_key, url_key},
};

use super::{interrupt, output::usage, progress::Progress};

/// What `-` is called.
#[derive(clap::Args, Debug)]
pub(super) struct StdinArgs {
    /// What standard input is called, as a file would be: what has the same name later replaces it
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,
}

pub(super) struct Inputs {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    urls: BTreeSet<String>,
    is_stdin: bool,
    /// Where the bytes of the others lie.
    folder: Option<TempDir>,
}

impl Inputs {
    /// Tells paths from what has to be got; gets nothing.
    ///
    /// # Errors
    /// `Usage` for an address of another kind, and for a name without standard input.
    pub fn of(arguments: &[PathBuf], stdin: &StdinArgs) -> Result<Self> {
        let mut inputs = Inputs { paths: Vec::new(), urls: BTreeSet::new(), is_stdin: false, folder: None };
        for argument in arguments {
            match argument.to_str() {
                Some("-") => inputs.is_stdin = true,
                Some(url) if source::is_url(url) => drop(inputs.urls.insert(url_key(url))),
                Some(url) if url.contains("://") && !argument.exists() => {
                    let message = format!("{url} is no address that hallway reads");
                    return Err(usage(&message, "http: and https: are; a file is named by its path"));
                }
                _ => inputs.paths.push(argument.clone()),
            }
        }
        if stdin.name.is_some() && !inputs.is_stdin {
            return Err(usage("--name says what standard input is called", "give `-` as well, to read it"));
        }
        Ok(inputs)
    }

    /// Gets them; `known` is what a server said of a URL that need not be read again unless it has changed.
    ///
    /// # Errors
    /// `Io`, `Input` where standard input can't be read. What a URL does not give is a problem of its source alone.
    pub fn get(&mut self, stdin: &StdinArgs, known: &dyn Fn(&str) -> Option<Validators>) -> Result<Vec<Given>> {
        let mut given = Vec::new();
        if self.urls.is_empty() && !self.is_stdin {
            return Ok(given);
        }
        let folder = self.folder.insert(interrupt::folder("hallway-")?).path();
        let proxies = proxies();
        for (nth, url) in self.urls.iter().enumerate() {
            let mut bar = Progress::new("fetching", "KB");
            let mut progress = |n_bytes: u64, n_all: Option<u64>| {
                bar.show(n_bytes >> 10, n_all.unwrap_or(n_bytes) >> 10, String::new());
            };
            let known = known(url);
            let into = folder.join(nth.to_string());
            let got = http::get(url, known.as_ref(), &http::Limits::default(), &proxies, &into, &mut progress);
            given.push(Given { key: url.clone(), got });
        }
        if self.is_stdin {
            let bytes = source::read_limited(io::stdin().lock(), Path::new("standard input"))?;
            let path = folder.join("stdin");
            fs::write(&path, &bytes).map_err(|cause| Error::io("can't write", &path, cause))?;
            let key = stdin_key(stdin.name.as_deref(), blake3::hash(&bytes).to_hex().as_str());
            given.push(Given { key, got: Got::At { path, validators: Validators::default() } });
        }
        Ok(given)
    }
}

/// As curl reads them: in small letters first.
fn proxies() -> http::Proxies {
    let value = |name: &str| env::var(name).or_else(|_| env::var(name.to_uppercase())).ok();
    let stated = |name: &str| value(name).filter(|value| !value.trim().is_empty());
    let all = stated("all_proxy");
    http::Proxies {
        http: stated("http_proxy").or_else(|| all.clone()),
        https: stated("https_proxy").or(all),
        none: stated("no_proxy").iter().flat_map(|hosts| hosts.split(',')).map(str::to_owned).collect(),
    }
}

/// A name that a file could have.
fn name(text: &str) -> std::result::Result<String, Error> {
    let is_fine = !text.trim().is_empty() && !text.contains(['/', '\\']) && !text.chars().any(char::is_control);
    let refused = || Error::new(ErrorKind::Usage, "a name is as a file's: without slashes").hint("talks.csv");
    is_fine.then(|| text.to_owned()).ok_or_else(refused)
}
