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

use super::Global;

/// Columns where there is no terminal to ask.
const COLUMNS_DEFAULT: usize = 80;

pub(super) struct Output {
    out: BufWriter<io::Stdout>,
    pub columns: usize,
    wants_json: bool,
    reader_left: bool,
}

impl Output {
    pub fn new(wants_json: bool) -> Self {
        let stdout = io::stdout();
        let from_environment = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let from_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let columns = from_environment.or_else(from_terminal).unwrap_or(COLUMNS_DEFAULT);
        Output { out: BufWriter::new(stdout), columns, wants_json, reader_left: false }
    }

    /// Whether results are coloured. Asked only by those that would, since the answer may stand in a file.
    pub fn colour(&self, global: &Global) -> Result<bool> {
        Ok(match global.config.color(global.color)? {
            clap::ColorChoice::Always => true,
            clap::ColorChoice::Never => false,
            clap::ColorChoice::Auto => {
                // `--color auto` is no more than the default: NO_COLOR holds.
                let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
                let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                self.out.get_ref().is_terminal() && unset("NO_COLOR") && !is_dumb
            }
        })
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

    /// `color` is of what the command line, the environment and the files say.
    pub fn error(&mut self, error: &Error, color: clap::ColorChoice) {
        let _ = self.out.flush();
        if self.wants_json {
            let _ = serde_json::to_writer(&mut self.out, &json::error(error));
            let _ = writeln!(self.out);
            let _ = self.out.flush();
            return;
        }
        let choice =
            if color == clap::ColorChoice::Never { anstream::ColorChoice::Never } else { anstream::ColorChoice::Auto };
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

/// What to say of prose that is no report.
pub(super) fn skipped(n_pages: u64) -> String {
    format!("skipped {} of prose about no edition, or under 80 words", many(n_pages, "file"))
}

/// What a command can't do without an argument.
pub(super) fn usage(message: &str, hint: &str) -> Error {
    Error::new(ErrorKind::Usage, message).hint(hint)
}
