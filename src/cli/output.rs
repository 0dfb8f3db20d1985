//! The streams: results to standard output, all else to standard error; colour and width as each stream can take it.

use std::{
    collections::BTreeMap,
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
};

use hallway::{
    error::{Error, ErrorKind, Problem, Result},
    record::Span,
    render::{
        escape::{line, terminal},
        json,
    },
};

/// Columns where there is no terminal to ask.
const COLUMNS_DEFAULT: usize = 80;

pub(super) struct Output {
    out: BufWriter<io::Stdout>,
    pub colour: bool,
    pub columns: usize,
    color: clap::ColorChoice,
    wants_json: bool,
    reader_left: bool,
}

impl Output {
    pub fn new(color: clap::ColorChoice, wants_json: bool) -> Self {
        let stdout = io::stdout();
        let colour = match color {
            clap::ColorChoice::Always => true,
            clap::ColorChoice::Never => false,
            clap::ColorChoice::Auto => {
                let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
                let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                stdout.is_terminal() && unset("NO_COLOR") && !is_dumb
            }
        };
        let from_environment = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let from_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let columns = from_environment.or_else(from_terminal).unwrap_or(COLUMNS_DEFAULT);
        Output { out: BufWriter::new(stdout), colour, columns, color, wants_json, reader_left: false }
    }

    /// Runs `write` on standard output.
    pub fn write(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let result = write(&mut self.out);
        self.check(result)
    }

    pub fn line(&mut self, text: &str) -> Result<()> {
        self.write(|out| writeln!(out, "{text}"))
    }

    pub fn json(&mut self, value: &impl serde::Serialize) -> Result<()> {
        self.write(|out| {
            serde_json::to_writer(&mut *out, value)?;
            writeln!(out)
        })
    }

    pub fn flush(&mut self) -> Result<()> {
        let result = self.out.flush();
        self.check(result)
    }

    fn check(&mut self, result: io::Result<()>) -> Result<()> {
        result.map_err(|cause| {
            self.reader_left |= cause.kind() == io::ErrorKind::BrokenPipe;
            Error::io("can't write", Path::new("standard output"), cause)
        })
    }

    /// Whether a person reads both results and notes as they come.
    pub fn is_terminal() -> bool {
        io::stdout().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether the reader of a pipe has had enough, which is no error.
    pub fn reader_left(&self) -> bool {
        self.reader_left
    }

    /// Something to know, on standard error.
    pub fn note(&mut self, text: &str) {
        let _ = self.out.flush();
        let _ = writeln!(io::stderr(), "{}", terminal(text));
    }

    /// Notes on files, as path and note: what is said of several files is said once.
    pub fn notes(&mut self, notes: &[(String, String)]) {
        let mut by_note: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, note) in notes {
            by_note.entry(note).or_default().push(path);
        }
        for (note, paths) in by_note {
            match paths.as_slice() {
                [path] => self.note(&line(&format!("note: {path}: {note}"))),
                paths => self.note(&line(&format!("note: {} files, {} the first: {note}", paths.len(), paths[0]))),
            }
        }
    }

    pub fn problem(&mut self, problem: &Problem) {
        self.note(&line(&format!("problem: {problem}")));
    }

    pub fn error(&mut self, error: &Error) {
        let _ = self.out.flush();
        if self.wants_json {
            let _ = serde_json::to_writer(&mut self.out, &json::error(error));
            let _ = writeln!(self.out);
            let _ = self.out.flush();
            return;
        }
        let choice = if self.color == clap::ColorChoice::Never {
            anstream::ColorChoice::Never
        } else {
            anstream::ColorChoice::Auto
        };
        let mut stderr = anstream::AutoStream::new(io::stderr(), choice);
        let style = anstyle::AnsiColor::Red.on_default().bold();
        let _ = writeln!(stderr, "{style}error:{style:#} {}", line(&error.to_string()));
        if let Some(hint) = error.hint_text() {
            let _ = writeln!(stderr, "\nhint: {}", terminal(hint));
        }
    }
}

/// Makes spans open from the current folder: relative to it where they lie below, else absolute.
pub(super) fn locator() -> impl Fn(&Span) -> Span {
    let here = std::env::current_dir().and_then(|path| path.canonicalize()).unwrap_or_default();
    move |span| {
        let full: PathBuf = Path::new(&span.root).join(&span.path);
        let shown = full.strip_prefix(&here).unwrap_or(&full);
        Span { path: shown.to_string_lossy().into_owned(), ..span.clone() }
    }
}

/// Text of a file, on one line and harmless.
pub(super) fn shown(text: &str) -> String {
    line(text).into_owned()
}

/// "1 talk", "2 talks".
pub(super) fn many(n: u64, of: &str) -> String {
    if n == 1 { format!("1 {of}") } else { format!("{n} {of}s") }
}

/// What to say of prose that is no report: its files, by their paths, and what reads them.
pub(super) fn skipped(pages: &[String]) -> String {
    let is_plain = |path: &String| Path::new(path).extension().is_some_and(|extension| extension == "txt");
    let format = if pages.iter().all(is_plain) { "plain" } else { "markdown" };
    format!(
        "note: skipped {} of prose about no edition, or under 80 words: {}\n\
         hint: `--edition NAME` says what such files are about; `--as {format}` reads them whatever they are about",
        many(pages.len() as u64, "file"),
        first(pages)
    )
}

/// The first of many paths, and whether there are more.
pub(super) fn first(paths: &[String]) -> String {
    let shown = paths.iter().take(PATHS_SHOWN).map(|path| shown(&from_here(Path::new(path)).to_string_lossy()));
    let shown = shown.collect::<Vec<_>>().join(", ");
    if paths.len() > PATHS_SHOWN { format!("{shown}, …") } else { shown }
}

/// Paths that are named where there are many.
const PATHS_SHOWN: usize = 3;

/// A word as a shell takes it for one.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@+,".contains(c);
    let word = shown(word);
    if !word.is_empty() && word.chars().all(is_plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// A path as it is shortest from the current folder: relative where it lies below, else in full.
pub(super) fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|path| path.canonicalize()).unwrap_or_default();
    match path.strip_prefix(&here) {
        Ok(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Ok(below) => below.to_owned(),
        Err(_) => path.to_owned(),
    }
}

/// What a command can't do without an argument.
pub(super) fn usage(message: &str, hint: &str) -> Error {
    Error::new(ErrorKind::Usage, message).hint(hint)
}
