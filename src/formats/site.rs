//! Whether prose that names an edition is a page of the conference's own site or a guide for its organisers, and no report:
//! what such pages speak of, whom they speak to and in which tense, what their titles are, and what their templates left.
//!
//! A report that is lost is worse than a page that is kept: what shows neither is a report, as notes are, which have no
//! first person and no past tense.

use std::collections::HashSet;

use crate::{record::Edition, text::analyzer::folded};

/// What is looked at.
pub(super) struct Prose<'a> {
    pub title: &'a str,
    /// The file's, without its extension.
    pub name: &'a str,
    pub edition: Option<&'a Edition>,
    pub text: &'a str,
}

/// Words of what organisers ask of people and offer them, folded; those that end in `-` are beginnings of words. Software has
/// applications, registries and schedulers: those don't count.
#[rustfmt::skip]
const ORGANISERS: &[&str] = &[
    "submit", "submits", "submitted", "submitting", "submission-", "propos-", "deadline-", "register", "registered", "registering",
    "registration-", "ticket-", "sponsor-", "prospectus", "volunteer-", "conduct", "venue-", "accommodat-", "hotel-", "refund-",
    "invoice-", "attendee-", "organizer-", "organizing", "organiser-", "organising", "discount-", "cfp", "schedule", "please", "parking",
    "scholarship-", "grants", "speakers", "price", "prices", "pricing", "priced", "badge-", "livestream-", "airport-", "reimburs-",
    "welcome-", "logo", "logos", "shirt-", "announc-", "join", "joining", "apply",
    "anmeld-", "einreich-", "eintritt-", "unterkunft", "bitte", "inscri-", "billet-", "entradas", "patrocin-", "hebergement-",
    "alojamiento", "ingresso", "propuesta-",
];
/// Words that speak to who will come, and of what is to come.
#[rustfmt::skip]
const TO_COME: &[&str] = &[
    "you", "your", "yours", "yourself", "you'll", "you're", "you've", "will", "we'll", "there'll", "shall", "werden", "wird", "ihr", "euch",
    "vous", "votre", "vos", "sera", "seront", "usted", "ustedes", "vosotros", "tu", "seran",
];
/// Words that tell what was, and who tells it.
#[rustfmt::skip]
const TOLD: &[&str] = &[
    "i", "i'm", "i've", "i'd", "my", "me", "was", "were", "had", "did", "gave", "talked", "spoke", "presented", "attended", "went", "got",
    "came", "saw", "showed", "told", "said", "explained", "discussed", "learned", "learnt", "enjoyed", "met", "started", "ended", "made",
    "took", "felt", "thought", "found", "mentioned", "demonstrated", "announced", "wanted", "seemed", "looked", "liked", "left",
    "arrived", "ate", "drank", "visited", "watched", "heard", "listened", "kept", "ran", "won", "shared", "described", "introduced",
    "covered", "asked", "answered", "used", "returned", "walked", "decided", "missed", "happened", "began", "became", "brought", "knew",
    "helped", "hosted", "organized", "organised", "held", "tried", "worked", "turned", "sat", "stood", "flew", "drove", "landed",
    "stayed", "ich", "war", "waren", "hatte", "hatten", "je", "j'ai", "etait", "etaient", "fue", "fueron", "era",
];
/// Words of which the titles of such pages consist, beside the name of the edition and the words below.
#[rustfmt::skip]
const TITLES: &[&str] = &[
    "about", "team", "teams", "organizers", "organisers", "committee", "crew", "venue", "venues", "visiting", "location", "locations",
    "getting", "there", "travel", "hotel", "hotels", "accommodation", "accommodations", "lodging", "sponsor", "sponsors", "sponsoring",
    "sponsorship", "sponsorships", "prospectus", "packages", "ticket", "tickets", "registration", "register", "registering", "contact",
    "conduct", "code", "coc", "policy", "policies", "privacy", "terms", "faq", "faqs", "questions", "proposal", "proposals", "propose",
    "submit", "submission", "submissions", "cfp", "press", "media", "kit", "job", "jobs", "fair", "board", "volunteer", "volunteers",
    "volunteering", "attendee", "attendees", "guide", "guidelines", "health", "safety", "covid", "diversity", "scholarship",
    "scholarships", "grant", "grants", "opportunity", "financial", "aid", "convince", "convincing", "manager", "boss", "info",
    "information", "livestream", "newsletter", "newsletters", "prices", "pricing", "example", "templates", "email", "template", "become",
    "partners", "expo", "visa", "letter", "speaking", "tips", "call", "papers", "speakers", "participation", "projects",
];
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "a", "an", "the", "our", "your", "us", "of", "to", "for", "and", "in", "on", "at", "with", "conference", "event", "events", "this", "what",
    "we", "is", "talk", "s",
];
/// Words of titles that look back.
#[rustfmt::skip]
const LOOKING_BACK: &[&str] = &[
    "report", "recap", "notes", "trip", "review", "retrospective", "impressions", "summary", "takeaways", "highlights", "wrap", "wrapup",
    "thoughts", "experience", "attending", "lessons", "learned", "learnt", "ruckblick", "bericht", "compte", "rendu", "thanks", "thank",
    "cronica", "nachlese", "reflections", "recapping", "debrief", "feedback",
];
/// What a site's template left of itself: values to be filled in, lists to be made, files to be included.
const RESIDUE: &[&str] =
    &["{% if", "{% for", "{%- if", "{%- for", "<%", ".. include::", ".. datatemplate::", ".. toctree::"];
const OWN_BLANKS: &[&str] = &["site.", "page.", "post.", "baseurl", "url", "assets", "root"];
/// What a page of a project tells of its software.
#[rustfmt::skip]
const SOFTWARE: &[&str] = &[
    "install", "repositor", "clone", "build", "npm", "docker", "license", "prerequisit", "run", "contribut", "pull", "deploy", "github",
    "script", "app", "static", "branch", "localhost",
];

/// Parts in a hundred words, of what the words above are of a text.
struct Measure {
    organisers: f64,
    /// How many different words of organisers.
    n_different: usize,
    to_come: f64,
    told: f64,
    n_software: usize,
}

/// How far what organisers say outweighs what is told, in words of a hundred. Measured on the pages of three sites and
/// 240 reports: reports stay below.
const EXCESS_MIN: f64 = 2.2;
/// So many different words of organisers are no accident.
const DIFFERENT_MIN: usize = 3;
/// Who is spoken to all the time is a guest, and one word less is enough.
const TO_COME_OFTEN: f64 = 4.5;
/// What is told is a report when it outweighs what is to come so many times and is no less of the text, in a hundred words.
const TOLD_TIMES: f64 = 2.0;
const TOLD_MIN: f64 = 2.0;
/// Speakers of talks say "you", too, and notes of meetings say what must be done.
const TO_COME_MIN: f64 = 1.0;
/// What a title that looks back is worth, and what a template has left.
const LOOKING_BACK_WORTH: f64 = 5.0;
const RESIDUE_MIN: usize = 2;
const RESIDUE_WORTH: f64 = 1.0;
/// For a page whose title says what it is.
const TITLED_EXCESS_MIN: f64 = 0.4;
/// Different words of software that make a README that of a program.
const SOFTWARE_MIN: usize = 5;

/// Whether it is such a page; `source` is the text with its markup.
pub(super) fn is_page(prose: &Prose, source: &str) -> bool {
    let measure = Measure::of(prose.text);
    let looks_back = looks_back(prose.title) || looks_back(prose.name);
    let times = if looks_back { 1.0 } else { TOLD_TIMES };
    if measure.told >= TOLD_MIN && measure.told > times * measure.to_come {
        return false;
    }
    let excess = measure.organisers + (measure.to_come - measure.told) / 2.0;
    if !looks_back && excess > TITLED_EXCESS_MIN && measure.n_different > 0 {
        let names = prose.edition.map(|edition| folded(&edition.edition)).unwrap_or_default();
        if says_page(prose.title, &names) || says_page(prose.name, &names) {
            return true;
        }
    }
    if folded(prose.name).starts_with("readme") && measure.n_software >= SOFTWARE_MIN {
        return true;
    }
    let n_residue = n_blanks(source) + RESIDUE.iter().map(|sign| source.matches(sign).count()).sum::<usize>();
    let worth =
        if n_residue >= RESIDUE_MIN { RESIDUE_WORTH } else { 0.0 } - if looks_back { LOOKING_BACK_WORTH } else { 0.0 };
    let n_different_min = DIFFERENT_MIN - usize::from(measure.to_come >= TO_COME_OFTEN);
    measure.n_different >= n_different_min && measure.to_come >= TO_COME_MIN && excess + worth > EXCESS_MIN
}

/// How many values a text leaves to be filled in, `{{ year }}`. `{{< tweet >}}` is a command of an author, and what sites fill in
/// from their own settings stands in any text.
fn n_blanks(source: &str) -> usize {
    let is_blank = |inner: &str| {
        inner.starts_with(|c: char| c.is_ascii_alphabetic()) && !OWN_BLANKS.iter().any(|own| inner.starts_with(own))
    };
    source.match_indices("{{").filter(|(at, _)| is_blank(source[at + 2..].trim_start_matches(' '))).count()
}

impl Measure {
    #[allow(clippy::cast_precision_loss)]
    fn of(text: &str) -> Measure {
        let (mut n_words, mut n_organisers, mut n_to_come, mut n_told) = (0usize, 0usize, 0usize, 0usize);
        let (mut different, mut software) = (HashSet::new(), HashSet::new());
        let text = folded(text).replace('’', "'");
        for word in text.split(|c: char| !c.is_alphabetic() && c != '\'').filter(|word| !word.is_empty()) {
            n_words += 1;
            let is_said = |known: &&str| known.strip_suffix('-').map_or(word == *known, |stem| word.starts_with(stem));
            if let Some(stem) = ORGANISERS.iter().position(is_said) {
                n_organisers += 1;
                different.insert(stem);
            }
            n_to_come += usize::from(TO_COME.contains(&word));
            n_told += usize::from(TOLD.contains(&word));
            software.extend(SOFTWARE.iter().position(|stem| word.starts_with(stem)));
        }
        let share = |n: usize| 100.0 * n as f64 / n_words.max(1) as f64;
        Measure {
            organisers: share(n_organisers),
            n_different: different.len(),
            to_come: share(n_to_come),
            told: share(n_told),
            n_software: software.len(),
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let text = folded(text);
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn looks_back(text: &str) -> bool {
    words(text).iter().any(|word| LOOKING_BACK.contains(&&**word))
}

/// Whether a title consists of what titles of such pages do: "Sponsorship Prospectus", "About FooConf 2019".
fn says_page(text: &str, names: &str) -> bool {
    let names: Vec<&str> = names.split(|c: char| !c.is_alphanumeric()).collect();
    let is_name =
        |word: &str| word.chars().all(|c| c.is_ascii_digit()) || names.contains(&word) || FILLERS.contains(&word);
    let words: Vec<String> = words(text).into_iter().filter(|word| !is_name(word)).collect();
    !words.is_empty() && words.iter().all(|word| TITLES.contains(&&**word))
}
