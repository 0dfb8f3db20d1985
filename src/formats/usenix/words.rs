//! The words that program pages use for what is no talk and no prose, as tables. They only ever confirm what the
//! structure says: nothing is a talk or a person because of a word in here.

use crate::record::{Role, TalkType};

/// Words that say what sort of session something is; in a title they count before a colon or alone, in a heading anywhere.
pub(super) const TYPES: &[(&str, TalkType)] = &[
    ("lightning talk", TalkType::Lightning),
    ("lightning talks", TalkType::Lightning),
    ("panel", TalkType::Panel),
    ("panels", TalkType::Panel),
    ("panel discussion", TalkType::Panel),
    ("workshop", TalkType::Workshop),
    ("workshops", TalkType::Workshop),
    ("tutorial", TalkType::Tutorial),
    ("tutorials", TalkType::Tutorial),
    ("mini-tutorial", TalkType::Tutorial),
    ("mini-tutorials", TalkType::Tutorial),
    ("mini tutorial", TalkType::Tutorial),
    ("mini tutorials", TalkType::Tutorial),
    ("training program", TalkType::Tutorial),
    ("training sessions", TalkType::Tutorial),
    ("training track", TalkType::Tutorial),
    ("bof", TalkType::Bof),
    ("bofs", TalkType::Bof),
    ("birds of a feather", TalkType::Bof),
    ("birds-of-a-feather", TalkType::Bof),
    ("poster", TalkType::Poster),
    ("posters", TalkType::Poster),
    ("keynote", TalkType::Keynote),
    ("keynotes", TalkType::Keynote),
    ("keynote address", TalkType::Keynote),
    ("keynote talk", TalkType::Keynote),
    ("plenary", TalkType::Keynote),
    ("plenaries", TalkType::Keynote),
];

/// A session whose heading has one of these, and hardly anything else, is no talk.
const PAUSES: &[&str] = &[
    "break",
    "breaks",
    "breakfast",
    "brunch",
    "coffee",
    "tea",
    "lunch",
    "luncheon",
    "dinner",
    "reception",
    "refreshments",
    "remarks",
    "welcome",
    "registration",
    "check-in",
    "pickup",
    "showcase",
    "awards",
    "adjourn",
    "adjournment",
];

/// What else such headings are made of.
const PAUSE_FILLERS: &[&str] = &[
    "with",
    "and",
    "the",
    "of",
    "at",
    "in",
    "for",
    "to",
    "by",
    "a",
    "an",
    "morning",
    "afternoon",
    "evening",
    "mid-morning",
    "continental",
    "conference",
    "opening",
    "closing",
    "sponsor",
    "sponsors",
    "sponsored",
    "exhibit",
    "exhibits",
    "expo",
    "hall",
    "hour",
    "badge",
    "attendee",
    "attendees",
    "presentation",
    "student",
    "event",
    "snacks",
    "happy",
    "party",
    "social",
    "networking",
    "ceremony",
    "drinks",
    "beverages",
    "daily",
    "final",
    "address",
    "session",
    "on",
    "your",
    "own",
    "&",
    "from",
    "program",
    "co-chairs",
    "chairs",
];

/// A line made of these alone is a link or a button, not prose.
const MEDIA: &[&str] = &[
    "available",
    "media",
    "download",
    "pdf",
    "slides",
    "slide",
    "video",
    "videos",
    "audio",
    "mp3",
    "mp4",
    "webm",
    "paper",
    "papers",
    "prepublication",
    "full",
    "view",
    "watch",
    "listen",
    "presentation",
    "the",
    "and",
    "bibtex",
    "show",
    "hide",
    "details",
    "read",
    "more",
    "less",
    "see",
    "artifact",
    "appendix",
    "extended",
    "abstract",
    "html",
    "epub",
    "mobi",
    "ppt",
    "pptx",
    "icon",
    "in",
    "format",
    "this",
    "of",
    "recording",
    "materials",
    "tutorial",
    "talk",
    "link",
    "links",
    "poster",
    "expand",
    "collapse",
    "all",
    "back",
    "top",
    "to",
    "supplemental",
    "supplementary",
    "material",
    "video/audio",
    "deck",
];
/// One of these must be in such a line.
const MEDIA_CORE: &[&str] = &[
    "media",
    "pdf",
    "slides",
    "video",
    "videos",
    "audio",
    "mp3",
    "mp4",
    "webm",
    "bibtex",
    "details",
    "read",
    "download",
    "paper",
    "recording",
    "epub",
    "mobi",
    "ppt",
    "pptx",
    "expand",
    "collapse",
    "deck",
    "top",
];
const MEDIA_WORDS_MAX: usize = 8;

const AWARD_CORE: &[&str] =
    &["award", "awards", "awarded", "winner", "winners", "prize", "mention", "runner-up", "badges"];
const AWARD: &[&str] = &[
    "best",
    "paper",
    "papers",
    "student",
    "distinguished",
    "community",
    "honorable",
    "internet",
    "defense",
    "test",
    "of",
    "time",
    "the",
    "and",
    "for",
    "outstanding",
    "artifact",
    "artifacts",
    "available",
    "evaluated",
    "functional",
    "reproduced",
    "results",
    "finalist",
    "recipient",
    "applied",
    "networking",
    "research",
    "winning",
    "hot",
    "topics",
];
const AWARD_WORDS_MAX: usize = 9;
/// Names of prizes and their givers.
const AWARD_OTHER_WORDS_MAX: usize = 3;

const SPONSOR_STARTS: &[&str] = &[
    "sponsored by",
    "co-sponsored by",
    "cosponsored by",
    "hosted by",
    "supported by",
    "sponsor:",
    "sponsors:",
    "generously sponsored",
    "open access sponsored",
    "open access to",
];
const SPONSOR_WORDS_MAX: usize = 20;

/// The parts of a page below its last session.
const FOOTERS: &[&str] = &[
    "privacy policy",
    "contact us",
    "usenix conference policies",
    "media sponsors & industry partners",
    "industry partners",
    "our sponsors",
    "our supporters",
    "connect with us",
    "help promote!",
    "sign up to find out more about usenix conferences",
];

/// What a room's name has beside its own words.
const ROOM_WORDS: &[&str] = &[
    "ballroom",
    "room",
    "rooms",
    "hall",
    "salon",
    "salons",
    "foyer",
    "auditorium",
    "theater",
    "theatre",
    "amphitheater",
    "level",
    "floor",
    "lounge",
    "suite",
    "pavilion",
    "terrace",
    "plaza",
    "atrium",
    "lobby",
    "courtyard",
    "garden",
    "patio",
    "mezzanine",
    "stage",
    "arena",
    "lawn",
    "promenade",
    "boardroom",
    "chapel",
    "gallery",
    "rotunda",
];

/// What an affiliation's name has and a person's never.
const ORGANISATION_WORDS: &[&str] = &[
    "university",
    "universität",
    "université",
    "universidad",
    "universidade",
    "universiteit",
    "università",
    "institute",
    "institut",
    "instituto",
    "college",
    "academy",
    "polytechnic",
    "politecnico",
    "labs",
    "laboratory",
    "laboratories",
    "inc",
    "inc.",
    "llc",
    "ltd",
    "ltd.",
    "gmbh",
    "corp",
    "corp.",
    "corporation",
    "company",
    "foundation",
    "technologies",
    "systems",
    "software",
    "solutions",
    "services",
    "networks",
    "consulting",
    "freelance",
    "studios",
    "sciences",
    "engineering",
    "department",
    "dept.",
    "faculty",
    "association",
    "agency",
    "ministry",
    "hospital",
    "platforms",
    "industries",
    "research",
];
/// What an affiliation's name often has and a person's rarely.
const AFFILIATION_WORDS: &[&str] = &[
    "school",
    "lab",
    "group",
    "center",
    "centre",
    "technology",
    "tech",
    "security",
    "network",
    "cloud",
    "consultant",
    "independent",
    "media",
    "bank",
    "capital",
    "health",
    "energy",
    "science",
    "arts",
    "design",
    "council",
    "society",
    "library",
    "project",
    "collective",
    "partners",
    "ventures",
    "digital",
    "data",
    "online",
    "entertainment",
    "interactive",
    "international",
    "global",
    "web",
    "mobile",
    "money",
    "berkeley",
    "eth",
    "mit",
    "epfl",
    "cmu",
    "ucla",
    "kaist",
    "state",
    "national",
    "federal",
    "computing",
    "computer",
    "street",
    "founder",
    "director",
    "officer",
    "president",
    "manager",
    "professor",
    "engineer",
    "architect",
    "scientist",
    "chief",
    "vp",
    "co.",
];

/// What stands after the comma of a company's name.
const COMPANY_SUFFIXES: &[&str] = &[
    "inc", "inc.", "llc", "llc.", "ltd", "ltd.", "gmbh", "corp", "corp.", "co.", "s.a.", "plc", "l.p.", "ag", "b.v.",
    "pty",
];
/// What stands after the comma of a person's name.
const NAME_SUFFIXES: &[&str] =
    &["jr.", "jr", "sr.", "sr", "ii", "iii", "iv", "ph.d.", "phd", "ph.d", "m.d.", "md", "esq."];

/// Lower-case parts of names.
const PARTICLES: &[&str] = &[
    "de", "del", "della", "der", "den", "di", "da", "do", "dos", "das", "du", "la", "le", "van", "von", "zu", "zum",
    "bin", "ibn", "al", "el", "ter", "ten", "y", "e", "af", "av", "san", "st.",
];

/// Capitalised words of titles that no name has.
const NOT_IN_NAMES: &[&str] = &[
    "the",
    "a",
    "an",
    "of",
    "for",
    "with",
    "in",
    "on",
    "to",
    "from",
    "how",
    "why",
    "what",
    "when",
    "where",
    "who",
    "is",
    "are",
    "your",
    "our",
    "you",
    "we",
    "it",
    "its",
    "this",
    "that",
    "and",
    "or",
    "not",
    "no",
    "at",
    "by",
    "as",
    "i",
    "my",
    "track",
    "session",
    "sessions",
    "talk",
    "talks",
    "using",
    "towards",
    "toward",
    "via",
    "without",
    "beyond",
    "under",
    "track:",
    "address",
    "plenary",
    "keynote",
    "panel",
    "workshop",
    "tutorial",
    "tutorials",
    "lightning",
    "available",
    "abstract",
    "opening",
    "closing",
];

/// What stands before the colon of a room's name.
const ROOM_LABELS: &[&str] = &["room", "location", "venue", "where"];

/// What stands before the colon of a line of people.
const ROLES: &[(&str, Role)] = &[
    ("moderator", Role::Moderator),
    ("moderators", Role::Moderator),
    ("moderated by", Role::Moderator),
    ("panel moderator", Role::Moderator),
    ("facilitator", Role::Moderator),
    ("facilitators", Role::Moderator),
    ("panelist", Role::Panelist),
    ("panelists", Role::Panelist),
    ("panellist", Role::Panelist),
    ("panellists", Role::Panelist),
    ("panel members", Role::Panelist),
    ("speaker", Role::Speaker),
    ("speakers", Role::Speaker),
    ("keynote speaker", Role::Speaker),
    ("invited speaker", Role::Speaker),
    ("presenter", Role::Speaker),
    ("presenters", Role::Speaker),
    ("instructor", Role::Speaker),
    ("instructors", Role::Speaker),
    ("organizer", Role::Speaker),
    ("organizers", Role::Speaker),
    ("organiser", Role::Speaker),
    ("organisers", Role::Speaker),
    ("host", Role::Speaker),
    ("hosts", Role::Speaker),
    ("author", Role::Author),
    ("authors", Role::Author),
];

const CHAIRS: &[&str] = &["chair", "chairs", "co-chair", "co-chairs", "cochair", "cochairs"];
/// "Track 2: Storage and Retrieval"
const TRACK_WORDS_MAX: usize = 8;
const LABEL_WORDS_MAX: usize = 4;

/// Headings inside an entry.
const ABSTRACT_LABELS: &[&str] = &["abstract", "description", "summary", "overview"];
const BIO_LABELS: &[&str] = &[
    "bio",
    "bios",
    "biography",
    "biographies",
    "speaker bio",
    "speaker bios",
    "speaker biography",
    "speaker biographies",
    "about the speaker",
    "about the speakers",
    "about the author",
    "about the authors",
    "about the instructor",
];

/// A line's words in lower case, without punctuation at their ends.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '&').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

fn any(text: &str, table: &[&str]) -> bool {
    words(text).iter().any(|word| table.contains(&word.as_str()))
}

/// The type that a session's or track's heading names.
pub(super) fn heading_type(text: &str) -> Option<TalkType> {
    let padded = format!(" {} ", words(text).join(" "));
    TYPES.iter().find(|(name, _)| padded.contains(&format!(" {name} "))).map(|(_, found)| *found)
}

/// The type that a title names: before its colon or dash, or as a whole, or in brackets at its end.
pub(super) fn title_type(title: &str) -> Option<TalkType> {
    let named = |part: &str| {
        let part = words(part).join(" ");
        let found = |part: &str| TYPES.iter().find(|(name, _)| *name == part).map(|(_, found)| *found);
        let whole = part.strip_prefix("opening ").or(part.strip_prefix("closing ")).unwrap_or(&part);
        // "Full-Day Workshop", "Hands-On Tutorial"
        found(whole).or_else(|| {
            whole.split_once(' ').filter(|(first, _)| first.contains('-')).and_then(|(_, last)| found(last))
        })
    };
    let bracket = title.rsplit_once('(').filter(|(_, last)| last.ends_with(')')).map(|(_, last)| last);
    let before = title.split_once(':').or_else(|| title.split_once(" – ")).or_else(|| title.split_once(" - "));
    before.and_then(|(before, _)| named(before)).or_else(|| named(title)).or_else(|| bracket.and_then(heading_type))
}

/// A heading of a break, a meal, a reception or remarks.
pub(super) fn is_pause(heading: &str) -> bool {
    any(heading, PAUSES) && heading_type(heading).is_none() && n_not_of_pauses(heading) <= 1
}

/// The same of a talk's title, which may well have such a word: it must have no other.
pub(super) fn is_pause_only(title: &str) -> bool {
    any(title, PAUSES) && n_not_of_pauses(title) == 0
}

/// Words that a pause's heading does not have; names of conferences do not count.
fn n_not_of_pauses(heading: &str) -> usize {
    let known = |word: &String| PAUSES.contains(&word.as_str()) || PAUSE_FILLERS.contains(&word.as_str());
    let numbered = |word: &String| word.contains(|c: char| c.is_ascii_digit());
    words(heading).iter().filter(|word| !known(word) && !numbered(word)).count()
}

/// Whether a heading says that what follows are talks rather than papers.
pub(super) fn says_talks(heading: &str) -> bool {
    any(heading, &["talk", "talks"])
}

pub(super) fn is_media(line: &str) -> bool {
    let words = words(line);
    words.len() <= MEDIA_WORDS_MAX
        && words.iter().any(|word| MEDIA_CORE.contains(&word.as_str()))
        && words.iter().all(|word| MEDIA.contains(&word.as_str()))
}

pub(super) fn is_award(line: &str) -> bool {
    let words = words(line);
    let known = |word: &String| AWARD_CORE.contains(&word.as_str()) || AWARD.contains(&word.as_str());
    let core = words.iter().any(|word| AWARD_CORE.contains(&word.as_str()))
        || (words.len() <= 4 && words.join(" ").contains("best") && words.iter().any(|word| word.starts_with("paper")));
    core && words.len() >= 2
        && words.len() <= AWARD_WORDS_MAX
        && words.iter().filter(|word| !known(word)).count() <= AWARD_OTHER_WORDS_MAX
        && !line.contains([',', ':', '?'])
        && !line.ends_with('.')
}

/// Where an award begins that is printed on the title's own line.
pub(super) fn award_suffix(title: &str) -> Option<usize> {
    [" Awarded ", " Distinguished Paper Award", " Community Award"]
        .iter()
        .find_map(|mark| title.rfind(mark))
        .filter(|at| *at > 0 && is_award(&title[*at..]) && title.ends_with(['!', 'r', 'd']))
}

pub(super) fn is_sponsor(line: &str) -> bool {
    let lower = line.to_lowercase();
    line.split_whitespace().count() <= SPONSOR_WORDS_MAX
        && (SPONSOR_STARTS.iter().any(|start| lower.starts_with(start)) || lower.contains("open access sponsored by"))
}

pub(super) fn is_footer(line: &str) -> bool {
    let lower = line.to_lowercase();
    let last = lower.split_whitespace().last().unwrap_or_default();
    FOOTERS.contains(&lower.as_str())
        || lower.starts_with('©')
        || (lower.split_whitespace().count() <= 3 && ["sponsors", "supporters"].contains(&last))
}

pub(super) fn has_room_word(text: &str) -> bool {
    text.split_whitespace().count() <= 8 && any(text, ROOM_WORDS)
}

pub(super) fn has_organisation_word(text: &str) -> bool {
    has_word(text, ORGANISATION_WORDS)
}

pub(super) fn has_affiliation_word(text: &str) -> bool {
    has_word(text, ORGANISATION_WORDS) || has_word(text, AFFILIATION_WORDS)
}

fn has_word(text: &str, table: &[&str]) -> bool {
    text.split([' ', '/', '-', '—', '–']).any(|word| {
        let lower = word.trim_matches(|c: char| "(),".contains(c)).to_lowercase();
        table.contains(&lower.as_str())
    })
}

pub(super) fn is_company_suffix(part: &str) -> bool {
    COMPANY_SUFFIXES.contains(&part.to_lowercase().as_str())
}

pub(super) fn is_name_suffix(part: &str) -> bool {
    NAME_SUFFIXES.contains(&part.to_lowercase().as_str())
}

pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

pub(super) fn is_in_no_name(word: &str) -> bool {
    let lower = word.to_lowercase();
    NOT_IN_NAMES.contains(&lower.as_str()) || ROOM_WORDS.contains(&lower.as_str())
}

/// The part of a line before its colon, when it is short enough to be a label.
fn label(line: &str) -> Option<(String, &str)> {
    let (before, rest) = line.split_once(':')?;
    let before = words(before);
    (!before.is_empty() && before.len() <= LABEL_WORDS_MAX).then(|| (before.join(" "), rest.trim()))
}

/// "Panelists: …": the role and the people.
pub(super) fn role(line: &str) -> Option<(Role, &str)> {
    let (before, rest) = label(line)?;
    ROLES.iter().find(|(name, _)| *name == before).map(|(_, role)| (*role, rest))
}

/// "Location: Hall A" → "Hall A".
pub(super) fn without_room_label(line: &str) -> &str {
    after_label(line, ROOM_LABELS).filter(|rest| !rest.is_empty()).unwrap_or(line)
}

/// "Session Chair: …", "Program Co-Chairs: …".
pub(super) fn is_chair(line: &str) -> bool {
    label(line).is_some_and(|(before, _)| before.split(' ').next_back().is_some_and(|last| CHAIRS.contains(&last)))
}

/// "Abstract: …" or "Abstract": what follows it.
pub(super) fn abstract_label(line: &str) -> Option<&str> {
    after_label(line, ABSTRACT_LABELS)
}

/// "Bio: …" or "About the Speaker": what follows it.
pub(super) fn bio_label(line: &str) -> Option<&str> {
    after_label(line, BIO_LABELS)
}

fn after_label<'a>(line: &'a str, table: &[&str]) -> Option<&'a str> {
    match label(line) {
        Some((before, rest)) => table.contains(&before.as_str()).then_some(rest),
        None => table.contains(&words(line).join(" ").as_str()).then_some(""),
    }
}

/// "Track 2", "Track B: Storage", "Talks Track": a heading that opens one of several parallel tracks.
pub(super) fn is_track(line: &str) -> bool {
    let words = words(line);
    let short = |word: &String| word.len() <= 3 && word.chars().all(|c| c.is_ascii_digit() || "abcdefghiv".contains(c));
    let [first, rest @ ..] = words.as_slice() else { return false };
    let opens = first == "track" && rest.first().is_some_and(short);
    let bare = opens && rest.len() == 1;
    let named = opens && words.len() <= TRACK_WORDS_MAX && !line.ends_with(['.', '?', '!']);
    let closes = rest.last().is_some_and(|last| last == "track") && words.len() <= 4 && !line.ends_with('.');
    bare || named || closes
}
