//! The words that program pages use for what is no talk and no prose. They only ever confirm what the structure says: nothing
//! is a talk or a person because of a word in here.

use crate::record::{Role, TalkType};

/// Words that say what sort of session something is; in a title they count before a colon or alone, in a heading anywhere.
#[rustfmt::skip]
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
    ("work-in-progress", TalkType::Other),
    ("works-in-progress", TalkType::Other),
    ("work in progress", TalkType::Other),
    ("wips", TalkType::Other),
    ("keynote", TalkType::Keynote),
    ("keynotes", TalkType::Keynote),
    ("keynote address", TalkType::Keynote),
    ("keynote talk", TalkType::Keynote),
    ("plenary", TalkType::Keynote),
    ("plenaries", TalkType::Keynote),
];

/// A session whose heading has one of these, and hardly anything else, is no talk.
#[rustfmt::skip]
pub(super) const PAUSES: &[&str] = &[
    "break", "breaks", "breakfast", "brunch", "coffee", "tea", "lunch", "luncheon", "dinner", "reception",
    "refreshments", "remarks", "welcome", "registration", "check-in", "pickup", "showcase", "awards", "adjourn",
    "adjournment",
];

/// What else such headings are made of.
#[rustfmt::skip]
pub(super) const PAUSE_FILLERS: &[&str] = &[
    "with", "and", "the", "of", "at", "in", "for", "to", "by", "a", "an", "morning", "afternoon", "evening", "mid-
    morning", "continental", "conference", "opening", "closing", "sponsor", "sponsors", "sponsored", "exhibit",
    "exhibits", "expo", "hall", "hour", "badge", "attendee", "attendees", "presentation", "student", "event",
    "snacks", "happy", "party", "social", "networking", "ceremony", "drinks", "beverages", "daily", "final",
    "address", "session", "on", "your", "own", "&", "from", "program", "co-chairs", "chairs",
];

/// A line made of these alone is a link or a button, not prose.
#[rustfmt::skip]
pub(super) const MEDIA: &[&str] = &[
    "available", "media", "download", "pdf", "slides", "slide", "video", "videos", "audio", "mp3", "mp4", "webm",
    "paper", "papers", "prepublication", "full", "view", "watch", "listen", "presentation", "the", "and", "bibtex",
    "show", "hide", "details", "read", "more", "less", "see", "artifact", "appendix", "extended", "abstract",
    "html", "epub", "mobi", "ppt", "pptx", "icon", "in", "format", "this", "of", "recording", "materials",
    "tutorial", "talk", "link", "links", "poster", "expand", "collapse", "all", "back", "top", "to", "supplemental",
    "supplementary", "material", "video/audio", "deck",
];

/// One of these must be in such a line.
#[rustfmt::skip]
pub(super) const MEDIA_CORE: &[&str] = &[
    "media", "pdf", "slides", "video", "videos", "audio", "mp3", "mp4", "webm", "bibtex", "details", "read",
    "download", "paper", "recording", "epub", "mobi", "ppt", "pptx", "expand", "collapse", "deck", "top", "view",
    "watch",
];

#[rustfmt::skip]
pub(super) const AWARD_CORE: &[&str] = &[
    "award", "awards", "awarded", "winner", "winners", "prize", "mention", "runner-up", "badges",
];

#[rustfmt::skip]
pub(super) const AWARD: &[&str] = &[
    "best", "paper", "papers", "student", "distinguished", "community", "honorable", "internet", "defense", "test",
    "of", "time", "the", "and", "for", "outstanding", "artifact", "artifacts", "available", "evaluated",
    "functional", "reproduced", "results", "finalist", "recipient", "applied", "networking", "research", "winning",
    "hot", "topics",
];

#[rustfmt::skip]
pub(super) const SPONSOR_STARTS: &[&str] = &[
    "sponsored by", "co-sponsored by", "cosponsored by", "hosted by", "supported by", "sponsor:", "sponsors:",
    "generously sponsored", "open access sponsored", "open access to",
];

/// The parts of a page below its last session.
#[rustfmt::skip]
pub(super) const FOOTERS: &[&str] = &[
    "privacy policy", "contact us", "media sponsors & industry partners",
    "industry partners", "our sponsors", "our supporters", "connect with us", "help promote!",
];

/// What a room's name has beside its own words.
#[rustfmt::skip]
pub(super) const ROOM_WORDS: &[&str] = &[
    "ballroom", "room", "rooms", "hall", "salon", "salons", "foyer", "auditorium", "theater", "theatre",
    "amphitheater", "level", "floor", "lounge", "suite", "pavilion", "terrace", "plaza", "atrium", "lobby",
    "courtyard", "garden", "patio", "mezzanine", "stage", "arena", "lawn", "promenade", "boardroom", "chapel",
    "gallery", "rotunda",
];

/// What an affiliation's name has and a person's never.
#[rustfmt::skip]
pub(super) const ORGANISATION_WORDS: &[&str] = &[
    "university", "universität", "université", "universidad", "universidade", "universiteit", "università",
    "institute", "institut", "instituto", "college", "academy", "polytechnic", "politecnico", "labs", "laboratory",
    "laboratories", "inc", "inc.", "llc", "ltd", "ltd.", "gmbh", "corp", "corp.", "corporation", "company",
    "foundation", "technologies", "systems", "software", "solutions", "services", "networks", "consulting",
    "freelance", "studios", "sciences", "engineering", "department", "dept.", "faculty", "association", "agency",
    "ministry", "hospital", "platforms", "industries", "research",
];

/// What an affiliation's name often has and a person's rarely.
#[rustfmt::skip]
pub(super) const AFFILIATION_WORDS: &[&str] = &[
    "school", "lab", "group", "center", "centre", "technology", "tech", "security", "network", "cloud",
    "consultant", "independent", "media", "bank", "capital", "health", "energy", "science", "arts", "design",
    "council", "society", "library", "project", "collective", "partners", "ventures", "digital", "data", "online",
    "entertainment", "creations", "interactive", "international", "global", "web", "mobile", "money", "berkeley", "eth", "mit",
    "epfl", "cmu", "ucla", "kaist", "state", "national", "federal", "computing", "computer", "street", "founder",
    "director", "officer", "president", "manager", "professor", "engineer", "architect", "scientist", "chief", "vp",
    "co.",
];

/// What stands after the comma of a company's name.
#[rustfmt::skip]
pub(super) const COMPANY_SUFFIXES: &[&str] = &[
    "inc", "inc.", "llc", "llc.", "ltd", "ltd.", "gmbh", "corp", "corp.", "co.", "s.a.", "plc", "l.p.", "ag",
    "b.v.", "pty",
];

/// What stands after the comma of a person's name.
#[rustfmt::skip]
pub(super) const NAME_SUFFIXES: &[&str] = &[
    "jr.", "jr", "sr.", "sr", "ii", "iii", "iv", "ph.d.", "phd", "ph.d", "m.d.", "md", "esq.",
];

/// Lower-case parts of names.
#[rustfmt::skip]
pub(super) const PARTICLES: &[&str] = &[
    "de", "del", "della", "der", "den", "di", "da", "do", "dos", "das", "du", "la", "le", "van", "von", "zu", "zum",
    "bin", "ibn", "al", "el", "ter", "ten", "y", "e", "af", "av", "san", "st.", "vd",
];

/// Capitalised words of titles that no name has.
#[rustfmt::skip]
pub(super) const NOT_IN_NAMES: &[&str] = &[
    "the", "a", "an", "of", "for", "with", "in", "on", "to", "from", "how", "why", "what", "when", "where", "who",
    "is", "are", "your", "our", "you", "we", "it", "its", "this", "that", "and", "or", "not", "no", "at", "by",
    "as", "i", "my", "track", "session", "sessions", "talk", "talks", "using", "towards", "toward", "via",
    "without", "beyond", "under", "track:", "address", "plenary", "keynote", "panel", "workshop", "tutorial",
    "tutorials", "lightning", "available", "abstract", "opening", "closing",
];

/// What stands before the colon of a room's name.
#[rustfmt::skip]
pub(super) const ROOM_LABELS: &[&str] = &[
    "room", "location", "venue", "where",
];

/// What stands before the colon of a line of people.
#[rustfmt::skip]
pub(super) const ROLES: &[(&str, Role)] = &[
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

#[rustfmt::skip]
pub(super) const CHAIRS: &[&str] = &[
    "chair", "chairs", "co-chair", "co-chairs", "cochair", "cochairs",
];

/// Headings inside an entry.
#[rustfmt::skip]
pub(super) const ABSTRACT_LABELS: &[&str] = &[
    "abstract", "description", "summary", "overview",
];

#[rustfmt::skip]
pub(super) const BIO_LABELS: &[&str] = &[
    "bio", "bios", "biography", "biographies", "speaker bio", "speaker bios", "speaker biography",
    "speaker biographies", "about the speaker", "about the speakers", "about the author", "about the authors",
    "about the instructor",
];

/// Marks that a paper's artifact earned.
#[rustfmt::skip]
pub(super) const ARTIFACT: &[&str] = &[
    "artifact", "artifacts", "available", "evaluated", "functional", "reproduced", "reusable", "results", "and",
];
