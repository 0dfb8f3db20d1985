//! What can go wrong, in two shapes: an [`Error`] ends an operation, a [`Problem`] costs one record and the run goes on.
//!
//! `Error` is one opaque type rather than an enum a module: callers branch on [`ErrorKind`] alone, a message is written
//! where the facts are at hand, and a new cause breaks nobody's `match`.

use std::{fmt, path::Path};

use serde::{Deserialize, Serialize};

/// What a caller may want to branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file or folder can't be read or written.
    Io,
    /// The input is not what it has to be.
    Input,
    /// A query, a flag's value or an id can't be used.
    Usage,
    /// No index is where one was looked for.
    NoIndex,
    /// The index is damaged or was written by another version.
    Index,
    /// Another process is writing to the index: worth a retry.
    Busy,
}

impl ErrorKind {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Io => "io",
            ErrorKind::Input => "input",
            ErrorKind::Usage => "usage",
            ErrorKind::NoIndex => "no_index",
            ErrorKind::Index => "index",
            ErrorKind::Busy => "busy",
        }
    }
}

/// An error with what happened, where, and what to do about it.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    place: Option<Place>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Where in a text of one line something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// As it was typed.
    pub text: String,
    /// The byte at which it begins.
    pub at: usize,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// `message` is lower case, without a full stop, and names the path or value it is about.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, message: message.into(), hint: None, place: None, cause: None }))
    }

    /// An I/O error always names its path.
    pub fn io(what: &str, path: &Path, cause: std::io::Error) -> Self {
        Error::new(ErrorKind::Io, format!("{what} {}", path.display())).because(cause)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Names the place in what was typed; `at` is a byte of it, where a character begins.
    #[must_use]
    pub fn in_text(mut self, text: &str, at: usize) -> Self {
        self.0.place = Some(Place { text: text.to_owned(), at });
        self
    }

    /// Puts the place before the message.
    #[must_use]
    pub fn at(mut self, path: &Path, line: u64) -> Self {
        self.0.message = format!("{}:{line}: {}", path.display(), self.0.message);
        self
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Null where no single place is to blame.
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

/// Something wrong with one record or one file: where it is, what it is, what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub path: String,
    /// From 1; null when the whole file is meant.
    pub line: Option<u64>,
    pub message: String,
    pub hint: String,
}

impl Problem {
    /// `message` is lower case and without a full stop.
    pub fn new(path: &str, line: Option<u64>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Problem { path: path.to_owned(), line, message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {} ({})", self.path, self.message, self.hint),
            None => write!(f, "{}: {} ({})", self.path, self.message, self.hint),
        }
    }
}
