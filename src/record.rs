//! Records: a talk, a bio, a report. Plain data in the field's standard terms, with one serde form that is
//! stored, exported and read back, and that `docs/record.schema.json` documents.

pub mod video;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::text::floor;

/// One talk, one speaker's bio or one report, as its source gave it. Every key is always written; what is not
/// known is null or empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The permanent id, `edition-id/title-slug~6hex`; see [`Record::computed_id`].
    pub id: String,
    pub kind: Kind,
    /// A talk's or report's title as printed; a bio's is the person's name.
    pub title: Option<String>,
    /// Where the title came from when it stands nowhere in the source, e.g. "file name".
    pub title_from: Option<String>,
    /// The series of conferences, e.g. "SREcon".
    pub series: Option<String>,
    /// One conference in one year, as displayed, e.g. "SREcon23 EMEA".
    pub edition: Option<String>,
    /// Series, qualifier and year as a slug, e.g. `srecon-emea-2023`.
    pub edition_id: Option<String>,
    pub year: Option<u16>,
    /// The session's conference day, YYYY-MM-DD; null for reports.
    pub date: Option<String>,
    /// HH:MM, local time of the conference.
    pub start: Option<String>,
    /// HH:MM, local time of the conference.
    pub end: Option<String>,
    /// IANA name, else as printed ("Irish Standard Time").
    pub time_zone: Option<String>,
    pub room: Option<String>,
    /// What the organisers printed; null for plenary sessions.
    pub track: Option<String>,
    #[serde(rename = "type")]
    pub talk_type: Option<TalkType>,
    /// The title of the session that holds the talk, e.g. "Opening Plenary Session".
    pub session: Option<String>,
    pub speakers: Vec<Speaker>,
    #[serde(rename = "abstract")]
    pub abstract_text: Option<String>,
    /// What the source said; never mixed with `topics`.
    pub tags: Vec<String>,
    /// Subject labels of hallway's own, leaves only, e.g. `kernel/ebpf`.
    pub topics: Vec<String>,
    /// ISO 639-1 where known.
    pub language: Option<String>,
    pub url: Option<String>,
    pub videos: Vec<String>,
    pub slides: Vec<String>,
    /// E.g. "accepted", "selected", "cancelled".
    pub state: Option<String>,
    pub licence: Option<String>,
    /// When a report was written, YYYY-MM-DD; never the date of the conference.
    pub written: Option<String>,
    /// Who wrote a report.
    pub author: Option<String>,
    /// The editions a report speaks about, in the order of the text; the first is also in the fields above.
    pub editions: Vec<Edition>,
    /// A bio's text; a report's whole text.
    pub text: Option<String>,
    /// The cuts of a report, or of what was said in a talk: what is retrieved, linked and quoted.
    pub passages: Vec<Passage>,
    /// Ids of the bios printed with a talk.
    pub bios: Vec<String>,
    /// Ids of the same talk at other editions.
    pub also_at: Vec<String>,
    /// Where every copy that was merged into this record stands.
    pub sources: Vec<Span>,
    /// Where the record stands; of several copies the one with the fullest text.
    pub source: Option<Span>,
    /// The export that the record was read back from.
    pub via: Option<Span>,
    /// What was inferred, and from what: field name → reason.
    pub inferred: BTreeMap<String, String>,
    /// Unknown keys of the source: kept, not searched.
    pub extra: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Talk,
    Bio,
    Report,
}

/// What sort of session a talk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TalkType {
    Talk,
    Keynote,
    Panel,
    Workshop,
    Tutorial,
    Lightning,
    Paper,
    Poster,
    Bof,
    Other,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Speaker {
    pub name: String,
    pub affiliation: Option<String>,
    pub role: Role,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    #[default]
    Speaker,
    Moderator,
    Panelist,
    Author,
}

/// One conference in one year. `year` is null where a text names a series and no year can be told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Edition {
    pub series: String,
    pub edition: String,
    pub edition_id: String,
    pub year: Option<u16>,
}

/// A cut of a report, by heading and then by paragraphs; or of a talk's transcript, by sentences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Passage {
    /// `record-id#heading-path-n`.
    pub id: String,
    /// The headings above the passage, outermost first.
    pub heading: Vec<String>,
    pub text: String,
    pub span: Option<Span>,
    /// The second of the recording at which the passage begins. Only what has times has it, and `cues`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_s: Option<u32>,
    /// From which byte of `text` on the words are of which second; both ascend.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cues: Vec<(u32, u32)>,
}

/// Where something stands: `start..end` in bytes of the file as stored, `line` (from 1) where it begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Span {
    /// The folder that was ingested, canonical; empty for standard input and URLs.
    pub root: String,
    /// Relative to `root`, with `/` on every system.
    pub path: String,
    pub line: u64,
    pub start: u64,
    pub end: u64,
}

impl Passage {
    /// The second of the recording at which the word at this byte of the text is said.
    pub fn second_at(&self, byte: usize) -> Option<u32> {
        let before = self.cues.iter().rev().find(|(from, _)| *from as usize <= byte);
        before.map(|(_, second)| *second).or(self.start_s)
    }
}

/// Bytes a slug may have; a longer one is cut at a word.
const SLUG_BYTES_MAX: usize = 80;
/// Bytes an id given in JSON Lines may have.
pub const ID_BYTES_MAX: usize = 512;

impl Record {
    /// The permanent id that the record's own fields give: a readable part, `~`, and the first 6 hex digits of
    /// BLAKE3 over the NFC form of the fields that tell records of this kind apart, joined by U+001F.
    /// A talk: title, speakers' names, date, start, room; a bio: name, affiliation; a report: title, author, written,
    /// `edition_id`. A record without a title uses its text in the title's place; so does, besides the title that its
    /// file's name gave it, a report or transcript of which nothing else is known: many notes are called "day 1".
    pub fn computed_id(&self) -> String {
        let own = |field: &Option<String>| field.clone().unwrap_or_default();
        let title = match self.title.as_deref().map(str::trim) {
            Some(title) if !title.is_empty() => title.to_owned(),
            _ => self.body().to_owned(),
        };
        let mut fields = vec![title.clone()];
        match self.kind {
            Kind::Talk => {
                fields.extend(self.speakers.iter().map(|speaker| speaker.name.clone()));
                fields.extend([own(&self.date), own(&self.start), own(&self.room)]);
                let is_named = self.title_from.is_none() && !title.is_empty();
                if !is_named && fields[1..].iter().all(String::is_empty) {
                    fields.extend(self.passages.iter().map(|passage| passage.text.clone()));
                }
            }
            Kind::Bio => fields.push(self.speakers.first().and_then(|s| s.affiliation.clone()).unwrap_or_default()),
            Kind::Report => {
                fields.extend([own(&self.author), own(&self.written), own(&self.edition_id)]);
                if self.title_from.is_some() && fields[1..].iter().all(String::is_empty) {
                    fields.push(self.body().to_owned());
                }
            }
        }
        let joined: String = fields.join("\u{1f}").nfc().collect();
        let hash = blake3::hash(joined.as_bytes()).to_hex();
        let name = slug(&title);
        let place = match (self.kind, &self.edition_id) {
            (Kind::Report, _) => "reports/".to_owned(),
            (Kind::Talk, Some(edition)) => format!("{edition}/"),
            (Kind::Talk, None) => "talks/".to_owned(),
            (Kind::Bio, Some(edition)) => format!("{edition}/people/"),
            (Kind::Bio, None) => "people/".to_owned(),
        };
        format!("{place}{name}~{}", &hash[..6])
    }

    /// The record's own prose: a talk's abstract, a bio's or a report's text; empty where there is none.
    pub fn body(&self) -> &str {
        match self.kind {
            Kind::Talk => self.abstract_text.as_deref(),
            Kind::Bio | Kind::Report => self.text.as_deref(),
        }
        .unwrap_or_default()
    }

    /// Whether it is what was said in a talk.
    pub fn is_transcript(&self) -> bool {
        self.kind == Kind::Talk && !self.passages.is_empty()
    }

    /// Puts the edition into the record's top-level fields.
    pub fn set_edition(&mut self, edition: &Edition) {
        self.series = Some(edition.series.clone());
        self.edition = Some(edition.edition.clone());
        self.edition_id = Some(edition.edition_id.clone());
        self.year = edition.year.or(self.year);
    }
}

/// The part of an id that is shown while it is unique: without the `~6hex` that [`Record::computed_id`] adds.
pub fn bare_id(id: &str) -> &str {
    match id.rsplit_once('~') {
        Some((bare, hex)) if hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => bare,
        _ => id,
    }
}

/// NFKD, marks dropped, lower case, runs of anything but letters and digits to `-`, at most 80 bytes cut at a word.
/// Scripts other than Latin are kept. Text without a letter or digit gives `untitled`.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() > 4 * SLUG_BYTES_MAX {
            break;
        }
    }
    if out.trim_end_matches('-').len() > SLUG_BYTES_MAX {
        let end = floor(&out, SLUG_BYTES_MAX);
        let at_word = if out.as_bytes()[end] == b'-' { Some(end) } else { out[..end].rfind('-') };
        out.truncate(at_word.filter(|at| *at > 0).unwrap_or(end));
    }
    out.truncate(out.trim_end_matches('-').len());
    if out.is_empty() { "untitled".to_owned() } else { out }
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Talk, Kind::Bio, Kind::Report];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Talk => "talk",
            Kind::Bio => "bio",
            Kind::Report => "report",
        }
    }
}

impl TalkType {
    pub const ALL: [TalkType; 10] = [
        TalkType::Talk,
        TalkType::Keynote,
        TalkType::Panel,
        TalkType::Workshop,
        TalkType::Tutorial,
        TalkType::Lightning,
        TalkType::Paper,
        TalkType::Poster,
        TalkType::Bof,
        TalkType::Other,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            TalkType::Talk => "talk",
            TalkType::Keynote => "keynote",
            TalkType::Panel => "panel",
            TalkType::Workshop => "workshop",
            TalkType::Tutorial => "tutorial",
            TalkType::Lightning => "lightning",
            TalkType::Paper => "paper",
            TalkType::Poster => "poster",
            TalkType::Bof => "bof",
            TalkType::Other => "other",
        }
    }
}
