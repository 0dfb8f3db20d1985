//! `hallway open`: a record's source in the editor, or its video.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::Command,
};

use hallway::{
    error::{Error, ErrorKind, Result},
    record::{Record, Span},
    render::escape::{line, web_url},
    source::{Shelf, SourceFile, is_url},
};

use super::{
    Global, Status, TEMPLATE, locate,
    output::{self, Output},
    show,
};

const EXAMPLES: &str = "\
Examples:
  hallway open srecon-emea-2023/ebpf-superpowers-for-sre
  hallway open --video fosdem-2021/observability-for-beginners
  hallway open \"$(hallway search --format id -n 1 tracing)\"";

const NOTES: &str = "\
Opens the source in your editor (`editor` in the configuration, VISUAL, EDITOR) at the line of the record, or of the \
passage that the id names. Without an editor, and where there is no terminal, it prints PATH:LINE. Of what came from \
an archive the editor gets a copy; of what came from a URL the page is opened, and its address printed.

Exit status: 0 done, 1 no such record or no video, 2 error.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// The id of a record, or of a passage
    #[arg(value_name = "ID")]
    id: String,
    /// Open the record's first video instead, and print its address
    #[arg(long)]
    video: bool,
}

/// How an editor takes a file and a line: its arguments, in which `{path}` and `{line}` stand for them.
const EDITORS: &[(&[&str], &[&str])] = &[
    (&["vi", "vim", "nvim", "view", "gvim", "nano", "emacs", "emacsclient", "kak", "micro"], &["+{line}", "{path}"]),
    (&["hx", "helix", "subl", "zed"], &["{path}:{line}"]),
    (&["code", "code-insiders", "codium", "vscodium"], &["--goto", "{path}:{line}"]),
    (&["idea"], &["--line", "{line}", "{path}"]),
];

/// What opens an address for its user. On Windows no shell takes part, to which a `&` would mean something.
const OPENER: &[&str] = if cfg!(target_os = "macos") {
    &["open"]
} else if cfg!(windows) {
    &["rundll32", "url.dll,FileProtocolHandler"]
} else {
    &["xdg-open"]
};

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let index = locate::open(global, output)?;
    let Some(record) = show::the_record(&index, &args.id)? else {
        output.note(&format!("there is no record \"{}\"; {}", args.id, show::other_ids(&index, &args.id)?));
        return Ok(Status::Nothing);
    };
    if args.video { open_video(&record, output) } else { open_source(&record, &args.id, global, output) }
}

fn open_video(record: &Record, output: &mut Output) -> Result<Status> {
    let Some(url) = record.videos.iter().find_map(|url| web_url(url)) else {
        output.note(&format!("\"{}\" has no video; `hallway show` prints its links", record.id));
        return Ok(Status::Nothing);
    };
    open_url(&url, output)
}

/// Prints the address, and on a terminal opens it.
fn open_url(url: &str, output: &mut Output) -> Result<Status> {
    output.line(url)?;
    if io::stdout().is_terminal() {
        output.flush()?;
        let opened = Command::new(OPENER[0]).args(&OPENER[1..]).arg(url).status();
        // The address is printed: whoever asked can still follow it.
        match opened {
            Ok(status) if status.success() => {}
            Ok(status) => output.note(&format!("note: {} ended with {status}", OPENER[0])),
            Err(cause) => output.note(&format!("note: can't start {}: {cause}", OPENER[0])),
        }
    }
    Ok(Status::Ok)
}

fn open_source(record: &Record, id: &str, global: &Global, output: &mut Output) -> Result<Status> {
    let span = span_of(record, id)?;
    let file = SourceFile { root: span.root.clone(), path: span.path.clone() };
    let archive = file.in_archive().map(|(archive, _)| archive);
    let outer = archive.as_ref().unwrap_or(&file);
    if !outer.is_on_disk() && is_url(&outer.path) {
        // It was a fit address when it was fetched.
        return open_url(&web_url(&outer.path).unwrap_or_default(), output);
    }
    let lost = |what: &str| {
        let message = format!("{}, the source of \"{}\", {what}", file.key(), record.id);
        Err(Error::new(ErrorKind::Io, message).hint("`hallway show` prints the record as it was read"))
    };
    if !outer.is_on_disk() {
        return lost("was read from standard input");
    }
    if !outer.full_path().is_file() {
        return lost("is gone");
    }
    let bytes = if archive.is_some() { Some(Shelf::default().read(&file)?) } else { None };
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let editor = if is_terminal { global.config.editor()? } else { None };
    if let Some(editor) = editor {
        let path = match bytes {
            Some(bytes) => copy(&file, &bytes, output)?,
            None => file.full_path(),
        };
        edit(&editor, &path, span.line)?;
    } else {
        let shown = output::locator()(span);
        output.line(&line(&format!("{}:{}", shown.path, shown.line)))?;
    }
    Ok(Status::Ok)
}

/// A member of an archive as a file. It stays: some editors come back before they have read it.
fn copy(file: &SourceFile, bytes: &[u8], output: &mut Output) -> Result<PathBuf> {
    let failed = |cause| Error::io("can't write a copy in", &std::env::temp_dir(), cause);
    let name = format!("-{}", file.path.rsplit('/').next().unwrap_or_default());
    let mut copy = tempfile::Builder::new().prefix("hallway-").suffix(&name).tempfile().map_err(failed)?;
    io::Write::write_all(&mut copy, bytes).map_err(failed)?;
    let (_, path) = copy.keep().map_err(|error| failed(error.error))?;
    output.note(&format!("note: {} is a copy of {}", path.display(), line(&file.key())));
    Ok(path)
}

/// Where the record stands, or the passage that the id names.
fn span_of<'a>(record: &'a Record, id: &str) -> Result<&'a Span> {
    let span = match id.split_once('#') {
        // An id may hold a `#` of its own.
        Some((_, part)) if record.id != id => {
            let named =
                |passage: &&hallway::record::Passage| passage.id.split_once('#').is_some_and(|(_, own)| own == part);
            let passage = record.passages.iter().find(named).ok_or_else(|| {
                output::usage(
                    &format!("\"{}\" has no passage \"#{part}\"", record.id),
                    "`hallway show --json` prints the ids of its passages",
                )
            })?;
            passage.span.as_ref()
        }
        _ => None,
    };
    span.or(record.source.as_ref()).ok_or_else(|| {
        Error::new(ErrorKind::Input, format!("where \"{}\" comes from is not known", record.id))
            .hint("`hallway show` prints the record")
    })
}

/// Starts the editor, without a shell, and waits for it.
fn edit(editor: &str, path: &Path, line: u64) -> Result<()> {
    let hint = "set VISUAL or EDITOR to a command, such as `code --wait`";
    let words = shlex::split(editor).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else {
        return Err(output::usage(&format!("can't read the editor's command {editor}"), hint));
    };
    let mut command = Command::new(program);
    command.args(arguments).args(file_arguments(program, path, line));
    let status = command.status().map_err(|cause| {
        Error::new(ErrorKind::Io, format!("can't start the editor {program}")).because(cause).hint(hint)
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Io, format!("the editor {program} ended with {status}")).hint(hint))
}

/// How the editor is told the file and the line; one that is not known gets the file alone.
fn file_arguments(program: &str, path: &Path, line: u64) -> Vec<PathBuf> {
    let name = Path::new(program).file_stem().unwrap_or_default().to_string_lossy();
    let known = EDITORS.iter().find(|(names, _)| names.contains(&name.as_ref()));
    let (Some((_, template)), Some(text)) = (known, path.to_str()) else { return vec![path.to_owned()] };
    let line = line.to_string();
    template.iter().map(|part| part.replace("{line}", &line).replace("{path}", text).into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_told_the_line_in_their_own_way() {
        for (program, expected) in [
            ("vi", &["+7", "/a b/{line}.txt"][..]),
            ("/usr/bin/vim.basic", &["+7", "/a b/{line}.txt"]),
            ("emacsclient", &["+7", "/a b/{line}.txt"]),
            ("hx", &["/a b/{line}.txt:7"]),
            ("code", &["--goto", "/a b/{line}.txt:7"]),
            ("idea", &["--line", "7", "/a b/{line}.txt"]),
            ("ed", &["/a b/{line}.txt"]),
            ("", &["/a b/{line}.txt"]),
        ] {
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(file_arguments(program, Path::new("/a b/{line}.txt"), 7), expected, "{program}");
        }
    }

    #[test]
    fn an_editor_is_named_once() {
        let mut names: Vec<_> = EDITORS.iter().flat_map(|(names, _)| names.iter()).collect();
        let n_names = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n_names);
    }
}
