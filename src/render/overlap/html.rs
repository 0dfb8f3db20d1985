//! A call for papers compared, as one page that a committee can pass round: it loads nothing, runs one script that sorts, holds
//! nothing that was not escaped, and reads on paper.

use std::io::{self, Write};

use crate::{
    overlap::{Assessed, Call, Near, OfTopic, Quotes, Verdict},
    render::{escape::xml, words::title},
};

/// Nothing is loaded, and only the one script and the one style sheet below are taken, by their SHA-256.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
    style-src 'sha256-@STYLE@'; script-src 'sha256-@SCRIPT@'";
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Topics that have a bar.
const TOPICS_MAX: usize = 24;

// Of the bars, in pixels.
const BAR_STEP: usize = 22;
const BAR_NAME: usize = 210;
const BAR_WIDTH: usize = 260;
const BAR_FIGURES: usize = 200;

/// The page; `against` is the query for the earlier records.
///
/// # Errors
/// What the writer gives.
pub fn page(out: &mut dyn Write, call: &Call, against: &str) -> io::Result<()> {
    head(out, "Overlap of proposals")?;
    writeln!(out, "<h1>Overlap of proposals</h1>")?;
    let among = if against.is_empty() { String::new() } else { format!(" found by <code>{}</code>", xml(against)) };
    let (n, n_earlier) = (call.proposals.len(), call.n_earlier);
    writeln!(
        out,
        "<p>{n} proposals, compared with {n_earlier} earlier records{among} and with each other. The score says how \
        sure it is that two are the same talk; novelty is 1 where no earlier text is like it.</p>"
    )?;
    counts(out, call)?;
    proposals(out, call)?;
    duplicates(out, call)?;
    people(out, call)?;
    topics(out, call)?;
    if !call.notes.is_empty() {
        writeln!(out, "<h2>Notes</h2>\n<ul>")?;
        call.notes.iter().try_for_each(|note| writeln!(out, "<li>{}</li>", xml(note)))?;
        writeln!(out, "</ul>")?;
    }
    foot(out)
}

pub(super) fn head(out: &mut dyn Write, heading: &str) -> io::Result<()> {
    let policy = POLICY.replace("@STYLE@", STYLE_HASH).replace("@SCRIPT@", SCRIPT_HASH);
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>", xml(heading))?;
    writeln!(out, "<style>{STYLE}</style>\n</head>\n<body>\n<main>")
}

pub(super) fn foot(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::SameTalk => "same",
        Verdict::SameSpeaker => "speaker",
        Verdict::SameSubject => "subject",
        Verdict::Nothing => "nothing",
    }
}

fn counts(out: &mut dyn Write, call: &Call) -> io::Result<()> {
    let rows: Vec<(String, usize, &str)> = Verdict::ALL
        .iter()
        .map(|verdict| {
            let n = call.proposals.iter().filter(|of| of.verdict == *verdict).count();
            (verdict.as_str().to_owned(), n, class(*verdict))
        })
        .collect();
    let most = rows.iter().map(|(_, n, _)| *n).max().unwrap_or(0).max(1);
    let bars: Vec<Bar> = rows
        .into_iter()
        .map(|(name, n, class)| Bar { name, figures: n.to_string(), widths: vec![(n * BAR_WIDTH / most, class)] })
        .collect();
    svg(out, "proposals by verdict", &bars)
}

fn proposals(out: &mut dyn Write, call: &Call) -> io::Result<()> {
    writeln!(out, "<h2>Proposals</h2>\n<table class=\"sorts\">\n<thead><tr>")?;
    for name in ["#", "Proposal", "Verdict", "Score", "Novelty"] {
        writeln!(out, "<th scope=\"col\"><button type=\"button\">{name}</button></th>")?;
    }
    writeln!(out, "</tr></thead>")?;
    call.proposals.iter().try_for_each(|of| proposal(out, of))?;
    writeln!(out, "</table>")
}

fn proposal(out: &mut dyn Write, of: &Assessed) -> io::Result<()> {
    let score = of.earlier.first().map_or(0.0, |near| near.likeness.score);
    let novelty = of.novelty.map_or("too little text".to_owned(), |novelty| format!("{novelty:.2}"));
    let rank = Verdict::ALL.iter().position(|verdict| *verdict == of.verdict).unwrap_or(0);
    let number = of.number;
    writeln!(out, "<tbody id=\"p{number}\">\n<tr><td data-v=\"{number}\">{number}</td>")?;
    writeln!(out, "<td data-v=\"{0}\"><strong>{0}</strong><br>{1}</td>", xml(&of.title), xml(&of.speakers.join(", ")))?;
    write!(out, "<td data-v=\"{rank}\"><span class=\"{}\">{}</span>", class(of.verdict), of.verdict.as_str())?;
    if let Some((fellow, _)) = of.fellows.iter().find(|(_, near)| near.verdict == Verdict::SameTalk) {
        write!(out, "<br>the same as <a href=\"#p{fellow}\">{fellow}</a>")?;
    }
    writeln!(out, "</td>")?;
    writeln!(out, "<td data-v=\"{score:.4}\">{score:.2}</td>")?;
    writeln!(out, "<td data-v=\"{:.4}\">{novelty}</td></tr>", of.novelty.unwrap_or(-1.0))?;
    if of.earlier.is_empty() && of.fellows.is_empty() {
        return writeln!(out, "</tbody>");
    }
    writeln!(out, "<tr class=\"more\"><td></td><td colspan=\"4\"><details><summary>Evidence</summary>")?;
    for near in &of.earlier {
        let edition = near.record.edition.as_deref().unwrap_or("no edition");
        let people: Vec<&str> = near.record.speakers.iter().map(|speaker| speaker.name.as_str()).collect();
        let occasion =
            if people.is_empty() { edition.to_owned() } else { format!("{edition} · {}", people.join(", ")) };
        let what = format!("{}<br>{}", xml(title(&near.record)), xml(&occasion));
        evidence(out, near, &what)?;
    }
    for (number, near) in &of.fellows {
        let what = format!("<a href=\"#p{number}\">Proposal {number}</a>: {}", xml(title(&near.record)));
        evidence(out, near, &what)?;
    }
    writeln!(out, "</details></td></tr>\n</tbody>")
}

/// `what` is escaped.
fn evidence(out: &mut dyn Write, near: &Near, what: &str) -> io::Result<()> {
    let (verdict, score) = (near.verdict, near.likeness.score);
    writeln!(
        out,
        "<section><p>{what}<br><span class=\"{}\">{}</span> {score:.2}</p>",
        class(verdict),
        verdict.as_str()
    )?;
    for Quotes { draft, record, .. } in &near.pairs {
        writeln!(out, "<div class=\"pair\"><q>{}</q><q>{}</q></div>", xml(&draft.text), xml(&record.text))?;
    }
    let terms: Vec<&str> = near.terms.iter().map(|term| term.term.as_str()).collect();
    writeln!(out, "<p class=\"terms\">both: {}</p></section>", xml(&terms.join(", ")))
}

fn links(numbers: &[usize]) -> String {
    numbers.iter().map(|number| format!("<a href=\"#p{number}\">{number}</a>")).collect::<Vec<_>>().join(", ")
}

fn duplicates(out: &mut dyn Write, call: &Call) -> io::Result<()> {
    writeln!(out, "<h2>Twice in the call</h2>")?;
    let pairs = call.duplicates();
    if pairs.is_empty() {
        return writeln!(out, "<p>None.</p>");
    }
    writeln!(out, "<ul>")?;
    for (a, b, score) in pairs {
        writeln!(out, "<li>{} ({score:.2})</li>", links(&[a, b]))?;
    }
    writeln!(out, "</ul>")
}

fn people(out: &mut dyn Write, call: &Call) -> io::Result<()> {
    if call.people.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Several by one person</h2>\n<ul>")?;
    for of in &call.people {
        writeln!(out, "<li>{}: {}</li>", xml(&of.name), links(&of.proposals))?;
    }
    writeln!(out, "</ul>")
}

fn topics(out: &mut dyn Write, call: &Call) -> io::Result<()> {
    let chosen: Vec<&OfTopic> = call.topics.iter().filter(|of| of.finding.is_some()).collect();
    writeln!(out, "<h2>Topics</h2>")?;
    if chosen.is_empty() {
        return writeln!(out, "<p>None is crowded or missing.</p>");
    }
    writeln!(out, "<p>Of the proposals above, of the earlier records below.</p>")?;
    // The most crowded from one end, the most missed from the other.
    let half = TOPICS_MAX / 2;
    let shown: Vec<&OfTopic> = if chosen.len() <= TOPICS_MAX {
        chosen
    } else {
        chosen[..half].iter().chain(&chosen[chosen.len() - half..]).copied().collect()
    };
    let most = shown.iter().map(|of| of.share.max(of.earlier_share)).fold(0.01, f64::max);
    #[expect(clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a width")]
    let width = |share: f64| (share / most * BAR_WIDTH as f64).round() as usize;
    let bars: Vec<Bar> = shown
        .into_iter()
        .map(|of| Bar {
            name: of.topic.clone(),
            figures: format!(
                "{}: {} proposed, {} earlier",
                of.finding.unwrap_or_default(),
                of.proposals.len(),
                of.earlier
            ),
            widths: vec![(width(of.share), "same"), (width(of.earlier_share), "nothing")],
        })
        .collect();
    svg(out, "topics of proposals and of earlier records", &bars)
}

struct Bar {
    name: String,
    figures: String,
    /// Of the bars in its row from above, and what they are.
    widths: Vec<(usize, &'static str)>,
}

fn svg(out: &mut dyn Write, label: &str, bars: &[Bar]) -> io::Result<()> {
    let (width, height) = (BAR_NAME + BAR_WIDTH + BAR_FIGURES, bars.len() * BAR_STEP);
    writeln!(out, "<svg role=\"img\" aria-label=\"{0}\" viewBox=\"0 0 {width} {height}\">", xml(label))?;
    for (at, bar) in bars.iter().enumerate() {
        let (top, n) = (at * BAR_STEP, bar.widths.len().max(1));
        let each = (BAR_STEP - 6) / n;
        writeln!(out, "<text x=\"{}\" y=\"{}\" class=\"name\">{}</text>", BAR_NAME - 8, top + 15, xml(&bar.name))?;
        for (nth, (length, class)) in bar.widths.iter().enumerate() {
            let y = top + 3 + nth * each;
            writeln!(out, "<rect x=\"{BAR_NAME}\" y=\"{y}\" width=\"{length}\" height=\"{each}\" class=\"{class}\"/>")?;
        }
        let end = BAR_NAME + bar.widths.iter().map(|(length, _)| *length).max().unwrap_or(0) + 6;
        writeln!(out, "<text x=\"{end}\" y=\"{}\">{}</text>", top + 15, xml(&bar.figures))?;
    }
    writeln!(out, "</svg>")
}

/// SHA-256 of the style sheet and of the script, in base64: `tests/it/overlap.rs` says what they have to be.
const STYLE_HASH: &str = "b713OQZ5kawSBUIDhtXbTnaJJ2/V9ckzmwhzcf+BNQI=";
const SCRIPT_HASH: &str = "tEhNpcIV275HTY5etOYcfYLPyz+r6hizdyc4bSXqlNw=";
