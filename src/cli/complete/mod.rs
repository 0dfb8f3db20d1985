//! `hallway completions`: the scripts that register with a shell, and the answers that those ask for while somebody types.
//!
//! The flags come from clap's types, through the engine of `clap_complete`; the values of facets and the ids come from the
//! index. The scripts are our own: the engine's hand on values as they are, and what a stranger called a track must not
//! become part of a command. An answer takes a bounded time, and where something is wrong it is empty: nobody wants an
//! error in the middle of a prompt.

mod candidates;
mod line;

use std::{ffi::OsString, sync::mpsc, thread, time::Duration};

use hallway::{error::Result, render::escape};

use super::{Global, NoIndex, Status, TEMPLATE, output::Output};
use line::{Shell, Typed};

/// How long a prompt waits.
const ANSWER_MAX: Duration = Duration::from_millis(800);
/// Where a shell's arguments would not come through unharmed, the line is here.
const LINE_VARIABLE: &str = "HALLWAY_LINE";

const EXAMPLES: &str = "\
Examples:
  hallway completions bash > ~/.local/share/bash-completion/completions/hallway
  hallway completions zsh > ~/.zfunc/_hallway    a folder of your $fpath
  hallway completions fish > ~/.config/fish/completions/hallway.fish
  hallway completions powershell >> $PROFILE
  hallway completions elvish >> ~/.config/elvish/rc.elv";

const NOTES: &str = "\
Flags and commands are completed, and from the index the values of facets (--conference, --year, --speaker, …) and the \
ids for `show` and `remove`. For that the script asks the `hallway` on your path; it never builds an index, and gives up \
after 0.8 s. To try it in the shell that you are in: source <(hallway completions bash).";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
    /// What the scripts ask with: see `line`
    #[arg(last = true, hide = true)]
    line: Option<Vec<OsString>>,
    #[command(flatten)]
    _no_index: NoIndex,
}

pub(super) fn run(args: &Args, _global: &Global, output: &mut Output) -> Result<Status> {
    let Some(given) = &args.line else {
        output.write(|out| out.write_all(args.shell.script().as_bytes()))?;
        return Ok(Status::Ok);
    };
    let mut given: Vec<String> = given.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if args.shell == Shell::Powershell {
        given = std::env::var(LINE_VARIABLE).into_iter().collect();
    }
    let shell = args.shell;
    let (sender, answer) = mpsc::channel();
    // Not joined: when it takes too long, the process ends without it.
    thread::spawn(move || sender.send(Typed::new(shell, &given).map(|typed| replies(&typed)).unwrap_or_default()));
    for reply in answer.recv_timeout(ANSWER_MAX).unwrap_or_default() {
        output.line(&reply)?;
    }
    Ok(Status::Ok)
}

/// A line for the script each.
fn replies(typed: &Typed) -> Vec<String> {
    let candidates = candidates::complete(&typed.words);
    let harmless = candidates.into_iter().filter(|candidate| escape::line(&candidate.value) == candidate.value);
    harmless.filter_map(|candidate| typed.reply(&candidate.value, &escape::line(&candidate.help))).collect()
}
