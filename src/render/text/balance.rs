//! What a program is made of, as a page to read.

use std::io;

use super::{MATCH, PLAIN, Page, QUIET, TITLE};
use crate::{
    overlap::{Balance, Broken, Group},
    record::Record,
    render::{words::title, wrap::Text},
};

/// Organisations and topics that are named.
const GROUPS_MAX: usize = 15;

impl Page<'_> {
    /// Counts and shares; then the rules that are broken, with the talks that break each.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn balance(&mut self, balance: &Balance, talks: &[Record]) -> io::Result<()> {
        let n = balance.talks;
        self.paragraph("", &Text::new(&format!("{n} talks by {} speakers", balance.speakers.len()), TITLE))?;
        let left_out: Vec<String> =
            balance.left_out.iter().map(|number| format!("{number}. {}", titled(*number, talks))).collect();
        if !left_out.is_empty() {
            self.paragraph("left out, being no talks: ", &Text::new(&left_out.join("; "), QUIET))?;
        }
        let who = format!("{} first-time, {} returning", balance.first_time, balance.returning);
        self.paragraph("speakers: ", &Text::new(&who, PLAIN))?;
        let several = balance.speakers.iter().filter(|of| of.talks.len() > 1);
        let several: Vec<String> = several.map(|of| format!("{} ({})", of.name, of.talks.len())).collect();
        self.paragraph("with several talks: ", &Text::new(&named(several, 0), PLAIN))?;
        for (name, groups, without) in [
            ("organisations: ", &balance.organisations, balance.without_organisation.len()),
            ("topics: ", &balance.topics, balance.without_topic.len()),
        ] {
            let share = |of: &Group| format!("{} {} ({})", of.name, of.talks.len(), percent(of.talks.len(), n));
            let groups: Vec<String> = groups.iter().take(GROUPS_MAX).map(share).collect();
            self.paragraph(name, &Text::new(&named(groups, without), PLAIN))?;
        }
        writeln!(self.out)?;
        if balance.broken.is_empty() {
            return self.paragraph("", &Text::new("all rules are kept", QUIET));
        }
        balance.broken.iter().try_for_each(|of| self.broken(of, talks))
    }

    fn broken(&mut self, of: &Broken, talks: &[Record]) -> io::Result<()> {
        let value =
            if of.rule.ends_with("_share") { format!("{:.0}%", 100.0 * of.value) } else { of.value.to_string() };
        let text = Text::new(of.rule, MATCH).and(&format!(": {} has {value}", of.name), PLAIN);
        self.paragraph("", &text)?;
        for number in &of.talks {
            self.paragraph(&format!("  {number}. "), &Text::new(titled(*number, talks), QUIET))?;
        }
        Ok(())
    }
}

fn titled(number: usize, talks: &[Record]) -> &str {
    number.checked_sub(1).and_then(|at| talks.get(at)).map_or("", title)
}

fn named(mut names: Vec<String>, n_unknown: usize) -> String {
    if n_unknown > 0 {
        names.push(format!("unknown {n_unknown}"));
    }
    if names.is_empty() { "none".to_owned() } else { names.join("; ") }
}

fn percent(n: usize, of: usize) -> String {
    format!("{}%", (100 * n + of / 2) / of.max(1))
}
