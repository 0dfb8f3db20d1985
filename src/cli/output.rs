//! The streams: results to standard output, all else to standard error; colour and width as each stream can take it.

use std::{
    collections::BTreeMap,
    env,
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
};

use hallway::{
    error::{Error, ErrorKind, Problem, Result},
    record::Span,
    render::{
        escape::{line, terminal},
        json, place,
        text::{Look, Page},
    },
};

use super::{
    Global,
    pager::{self, Pager, Started},
};

/// Columns where there is no terminal to ask.
const COLUMNS_DEFAULT: usize = 80;
/// Bytes that are written at once: a page of results in JSON has about as many.
const OUTPUT_BYTES: usize = 64 << 10;

pub(super) struct Output {
    out: Box<dyn Write>,
    pub columns: usize,
    /// Whether a page was printed already: the first decides whether there is a pager.
    is_begun: bool,
    pager: Option<Pager>,
    /// What is to be said when the pager was left.
    held: Vec<String>,
    wants_json: bool,
    /// A document on its way: to write it as a whole is quicker than piece by piece.
    json: Vec<u8>,
    reader_left: bool,
}

impl Output {
    pub fn new(wants_json: bool) -> Self {
        let from_environment = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let from_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let columns = from_environment.filter(|columns| *columns > 0).or_else(from_terminal);
        let columns = columns.filter(|columns| *columns > 0).unwrap_or(COLUMNS_DEFAULT);
        let (pager, held) = (None, Vec::new());
        let (out, json) = (standard_output(), Vec::new());
        Output { out, columns, is_begun: false, pager, held, wants_json, json, reader_left: false }
    }

    /// How pages look. Asked only by those that print one, since the answer may stand in a file.
    fn look(&self, global: &Global) -> Result<Look> {
        let is_dumb = is_dumb();
        let colour = match global.config.color(global.color)? {
            clap::ColorChoice::Always => true,
            clap::ColorChoice::Never => false,
            // `--color auto` is no more than the default: NO_COLOR holds.
            clap::ColorChoice::Auto => io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb,
        };
        let host = || gethostname::gethostname().to_string_lossy().into_owned();
        let links_host = (colour && !is_dumb).then(host);
        Ok(Look { columns: self.columns, colour, links_host, blocks: !is_dumb && is_utf8() })
    }

    /// Writes a page to read, on a terminal through the pager.
    pub fn page(
        &mut self,
        global: &Global,
        short_id: &dyn Fn(&str) -> String,
        write: impl FnOnce(&mut Page<'_>) -> io::Result<()>,
    ) -> Result<()> {
        let mut bytes = Vec::new();
        let look = self.look(global)?;
        let written = write(&mut Page { out: &mut bytes, look: &look, locate: &locator(), short_id });
        self.check(written)?;
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        if is_first && !bytes.is_empty() && io::stdout().is_terminal() && !is_dumb() && !global.no_pager {
            let (pager, is_wanted) = global.config.pager()?;
            match pager::start(&pager, is_wanted) {
                Started::Running(pager, input) => {
                    self.pager = Some(pager);
                    self.out = Box::new(BufWriter::new(input));
                }
                Started::None => {}
                Started::Failed(why) => self.note(&format!("note: {why}")),
            }
        }
        self.write(|out| out.write_all(&bytes))
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
        self.json.clear();
        let written = serde_json::to_writer(&mut self.json, value).map_err(io::Error::from);
        self.check(written)?;
        self.json.push(b'\n');
        let result = self.out.write_all(&self.json);
        self.check(result)
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

    /// Ends the output: waits for the pager to be left.
    pub fn finish(&mut self) -> Result<()> {
        let flushed = self.flush();
        let Some(mut pager) = self.pager.take() else { return flushed };
        // Closes the pager's input. That it was left before the end is no error.
        self.out = standard_output();
        let waited = pager.wait();
        for text in std::mem::take(&mut self.held) {
            self.note(&text);
        }
        if self.reader_left { self.check(waited) } else { flushed.and(self.check(waited)) }
    }

    /// Something to know, on standard error.
    pub fn note(&mut self, text: &str) {
        if self.pager.is_some() {
            self.held.push(text.to_owned());
            return;
        }
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

    /// `color` is of what the command line, the environment and the files say.
    pub fn error(&mut self, error: &Error, color: clap::ColorChoice) {
        let _ = self.out.flush();
        if self.wants_json {
            let _ = serde_json::to_writer(&mut self.out, &json::error(None, error));
            let _ = writeln!(self.out);
            let _ = self.out.flush();
            return;
        }
        let choice =
            if color == clap::ColorChoice::Never { anstream::ColorChoice::Never } else { anstream::ColorChoice::Auto };
        let mut stderr = anstream::AutoStream::new(io::stderr(), choice);
        let style = anstyle::AnsiColor::Red.on_default().bold();
        let _ = writeln!(stderr, "{style}error:{style:#} {}", line(&error.to_string()));
        if let Some(place) = error.place() {
            let [text, caret] = place::lines(place, self.columns);
            let _ = writeln!(stderr, "\n{text}\n{style}{caret}{style:#}");
        }
        if let Some(hint) = error.hint_text() {
            let _ = writeln!(stderr, "\nhint: {}", terminal(hint));
        }
    }
}

fn standard_output() -> Box<dyn Write> {
    Box::new(BufWriter::with_capacity(OUTPUT_BYTES, io::stdout()))
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Whether the locale's characters are UTF-8.
fn is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(env::var_os).find(|value| !value.is_empty());
    let locale = locale.unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Makes spans open from the current folder: relative to it where they lie below, else absolute.
pub(super) fn locator() -> impl Fn(&Span) -> Span {
    let here = env::current_dir().and_then(|path| path.canonicalize()).unwrap_or_default();
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
        "note: skipped {} that hold no talk, or prose about no edition or under 80 words: {}\n\
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
