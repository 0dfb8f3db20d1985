//! A call for papers compared, as a page to read.

use std::io;

use super::{MATCH, PLAIN, Page, QUIET, TITLE};
use crate::{
    overlap::{Assessed, Call, Near, OfTopic, Verdict},
    render::{words::title, wrap::Text},
};

/// Topics named of each sort, and proposals by their novelty.
const TOPICS_MAX: usize = 10;
const NOVEL_MAX: usize = 10;

impl Page<'_> {
    /// The proposals, those with the surest findings first, and what there is to say of all.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn call(&mut self, call: &Call) -> io::Result<()> {
        let count = |verdict: Verdict| call.proposals.iter().filter(|of| of.verdict == verdict).count();
        let counts: Vec<String> = Verdict::ALL.iter().map(|of| format!("{} {}", count(*of), of.as_str())).collect();
        let earlier = format!("{} proposals against {} earlier records: ", call.proposals.len(), call.n_earlier);
        self.paragraph("", &Text::new(&(earlier + &counts.join(" · ")), TITLE))?;
        let mut order: Vec<&Assessed> = call.proposals.iter().collect();
        let score = |of: &Assessed| {
            let fellow = of.fellows.first().map(|(_, near)| near.likeness.score);
            of.earlier.first().map(|near| near.likeness.score).into_iter().chain(fellow).fold(0.0, f64::max)
        };
        order.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.number.cmp(&b.number)));
        for of in order {
            writeln!(self.out)?;
            self.assessed(of)?;
        }
        self.findings(call)
    }

    fn assessed(&mut self, of: &Assessed) -> io::Result<()> {
        self.paragraph(&format!("{}. ", of.number), &Text::new(&of.title, TITLE))?;
        if !of.speakers.is_empty() {
            self.paragraph("   ", &Text::new(&of.speakers.join(", "), PLAIN))?;
        }
        let novelty = of.novelty.map_or("too little text".to_owned(), |novelty| format!("novelty {novelty:.2}"));
        let verdict = Text::new(of.verdict.as_str(), MATCH).and(&format!(" · {novelty}"), QUIET);
        self.paragraph("   ", &verdict)?;
        for near in &of.earlier {
            let edition = near.record.edition.as_deref().unwrap_or("no edition");
            self.evidence(near, &format!("{}, {edition}", title(&near.record)))?;
        }
        for (number, near) in &of.fellows {
            self.evidence(near, &format!("proposal {number}: {}", title(&near.record)))?;
        }
        Ok(())
    }

    fn evidence(&mut self, near: &Near, what: &str) -> io::Result<()> {
        let verdict = format!(" · {} {:.2}", near.verdict.as_str(), near.likeness.score);
        self.paragraph("   - ", &Text::new(what, PLAIN).and(&verdict, QUIET))?;
        if near.verdict != Verdict::SameTalk {
            let terms: Vec<&str> = near.terms.iter().map(|term| term.term.as_str()).collect();
            return if terms.is_empty() {
                Ok(())
            } else {
                self.paragraph("     both: ", &Text::new(&terms.join(", "), QUIET))
            };
        }
        for pair in near.pairs.iter().take(1) {
            self.paragraph("     > ", &Text::new(&pair.draft.text, PLAIN))?;
            self.paragraph("     = ", &Text::new(&pair.record.text, PLAIN))?;
        }
        Ok(())
    }

    fn findings(&mut self, call: &Call) -> io::Result<()> {
        let numbers = |numbers: &[usize]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let duplicates: Vec<String> = call.duplicates().iter().map(|(a, b, _)| format!("{a} and {b}")).collect();
        let people = call.people.iter().map(|of| format!("{} ({})", of.name, numbers(&of.proposals)));
        let topics =
            |finding: &str| -> Vec<&OfTopic> { call.topics.iter().filter(|of| of.finding == Some(finding)).collect() };
        let crowded = topics("crowded").into_iter().take(TOPICS_MAX);
        let crowded = crowded.map(|of| format!("{} ({})", of.topic, numbers(&of.proposals)));
        let mut missing = topics("missing");
        missing.sort_by_key(|of| std::cmp::Reverse(of.earlier));
        let missing = missing.into_iter().take(TOPICS_MAX).map(|of| format!("{} ({} earlier)", of.topic, of.earlier));
        let by_novelty = call.by_novelty();
        let mut novel: Vec<String> = by_novelty
            .iter()
            .filter_map(|number| call.proposals.iter().find(|of| of.number == *number))
            .take(NOVEL_MAX)
            .map(|of| format!("{} ({})", of.title, of.number))
            .collect();
        if by_novelty.len() > NOVEL_MAX {
            novel.push(format!("and {} more", by_novelty.len() - NOVEL_MAX));
        }
        let rows = [
            ("twice in the call", duplicates),
            ("several by one person", people.collect()),
            ("most novel first", novel),
            ("crowded", crowded.collect()),
            ("missing", missing.collect()),
        ];
        writeln!(self.out)?;
        for (name, values) in rows {
            let values = if values.is_empty() { "none".to_owned() } else { values.join("; ") };
            self.paragraph(&format!("{name}: "), &Text::new(&values, PLAIN))?;
        }
        Ok(())
    }
}
