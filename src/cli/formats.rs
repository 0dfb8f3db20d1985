//! `hallway formats`.

use hallway::{error::Result, formats::FORMATS};

use super::{NoIndex, Status, TEMPLATE, output::Output};

const EXAMPLES: &str = "\
Examples:
  hallway formats
  hallway parse --as plain notes.txt        read a file as one of them";

const NOTES: &str = "\
A file is read as the first of them that recognises its structure, whatever it is called.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    #[command(flatten)]
    _no_index: NoIndex,
}

pub(super) fn run(output: &mut Output) -> Result<Status> {
    for format in FORMATS {
        output.line(&format!("{:<10} {}", format.name, format.about))?;
    }
    Ok(Status::Ok)
}
