//! How editions resemble each other, as a page to read.

use std::io;

use unicode_width::UnicodeWidthStr;

use super::{PLAIN, Page, QUIET, TITLE};
use crate::{
    overlap::Resemblance,
    render::wrap::{Text, cut},
};

/// Columns of an edition's name.
const NAME_COLUMNS_MAX: usize = 24;
/// From little to much, in so many steps of a tenth.
const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];

impl Page<'_> {
    /// The table, and below it the pairs of the cells that chance does not explain.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn editions(&mut self, found: &Resemblance) -> io::Result<()> {
        let names: Vec<String> = found.editions.iter().map(|of| cut(&of.name, NAME_COLUMNS_MAX)).collect();
        let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
        write!(self.out, "{:1$}      ", "", width)?;
        for number in 1..=names.len() {
            write!(self.out, "{number:>8}")?;
        }
        writeln!(self.out)?;
        for (number, (name, row)) in (1..).zip(names.iter().zip(&found.cells)) {
            write!(self.out, "{number:>3} {name}{:1$}  ", "", width - name.width())?;
            for cell in row {
                let Some(cell) = cell else {
                    write!(self.out, "{:>8}", "·")?;
                    continue;
                };
                let shade = if self.look.blocks { SHADES[shade(cell.value)] } else { "" };
                write!(self.out, "{:>8}", format!("{shade}{:.3}", cell.value))?;
            }
            writeln!(self.out)?;
        }
        for (row, of) in found.cells.iter().enumerate() {
            for (column, cell) in of.iter().enumerate() {
                let Some(cell) = cell.as_ref().filter(|cell| !cell.pairs.is_empty() && column > row) else { continue };
                writeln!(self.out)?;
                let both = format!("{} and {}", names[row], names[column]);
                let band = format!(" · {:.3}, by chance {:.3} to {:.3}", cell.value, cell.low, cell.high);
                self.paragraph("", &Text::new(&both, TITLE).and(&band, QUIET))?;
                for pair in &cell.pairs {
                    let text = Text::new(&pair.a_title, PLAIN).and(" = ", QUIET).and(&pair.b_title, PLAIN);
                    self.paragraph(&format!("  {:.2} ", pair.score), &text)?;
                }
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_sign_loss, reason = "a mean of scores")]
fn shade(value: f64) -> usize {
    ((value * 10.0).ceil() as usize).min(SHADES.len() - 1)
}
