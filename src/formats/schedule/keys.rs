//! What the keys of schedules mean: one table for JSON keys, XML elements and CSV columns, whatever their spelling. Each
//! spelling is made out once a file.

use std::{collections::HashMap, rc::Rc, sync::LazyLock};

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::formats) enum Meaning {
    Title,
    Subtitle,
    /// The short text.
    Abstract,
    /// The long text.
    Description,
    /// People: names, objects or ids.
    Speakers,
    /// One person's name, where the person has no object of their own.
    SpeakerName,
    FirstName,
    LastName,
    /// An organisation.
    Affiliation,
    /// "Engineer @ Acme", "Acme": it may name an organisation.
    Tagline,
    Bio,
    Day,
    Start,
    End,
    Duration,
    TimeZone,
    Room,
    Track,
    Session,
    Kind,
    Tags,
    Language,
    Url,
    Video,
    Slides,
    State,
    Licence,
    /// The conference, where each session names it.
    Conference,
    Id,
    /// True where the entry is a break and no talk.
    IsBreak,
    /// Nobody's business, or of no use: addresses, pictures, feedback forms.
    Ignored,
}

use Meaning::{
    Abstract, Affiliation, Bio, Conference, Day, Description, Duration, End, FirstName, Id, Ignored, IsBreak, Kind,
    Language, LastName, Licence, Room, Session, Slides, SpeakerName, Speakers, Start, State, Subtitle, Tagline, Tags,
    TimeZone, Title, Track, Url, Video,
};

/// Keys in small letters and digits alone.
#[rustfmt::skip]
const KEYS: &[(Meaning, &[&str])] = &[
    (Title, &["title", "name", "headline", "subject", "topictitle", "heading", "titel", "titre", "titulo", "titolo"]),
    (Subtitle, &["subtitle", "tagline2", "untertitel"]),
    (Abstract, &["abstract", "shortdescription", "descriptionshort", "short", "summary", "teaser", "synopsis",
        "shortabstract", "tldr", "elevatorpitch", "blurb", "resume", "zusammenfassung"]),
    (Description, &["description", "details", "detail", "body", "content", "text", "longdescription",
        "fulldescription", "desc", "descriptionlong", "longabstract", "fullabstract", "beschreibung", "descripcion",
        "contenthtml", "descriptionhtml", "abstracthtml", "outline"]),
    (Speakers, &["speakers", "speaker", "presenters", "presenter", "persons", "people", "authors", "author", "hosts",
        "host", "panelists", "panellists", "moderators", "performers", "lecturers", "instructors", "instructor",
        "facilitators", "speakerids", "presenterids", "personids", "speakernames", "speakerlist", "speakersnames",
        "referenten", "referent", "intervenants", "ponentes", "coauthors", "primaryauthors", "copresenters",
        "cospeakers", "participants"]),
    (SpeakerName, &["speakername", "presentername", "authorname", "fullname", "personname", "speakerfullname"]),
    (FirstName, &["firstname", "givenname", "forename", "vorname", "prenom"]),
    (LastName, &["lastname", "familyname", "surname", "nachname"]),
    (Affiliation, &["company", "affiliation", "affiliations", "organisation", "organization", "organisationname",
        "organizationname", "employer", "institution", "companyname", "org", "university", "firma"]),
    (Tagline, &["tagline", "position", "jobtitle", "job", "role", "headlinetext", "titleandcompany"]),
    (Bio, &["bio", "biography", "shortbio", "biographie", "biografie", "about", "aboutme", "biographyhtml", "bios"]),
    (Day, &["date", "day", "conferenceday", "datum", "jour", "scheduleddate"]),
    (Start, &["start", "startsat", "starttime", "startdate", "startdatetime", "begin", "begins", "beginsat", "from",
        "time", "startat", "startutc", "datetime", "scheduledat", "scheduledstart", "dtstart", "starts",
        "starttimestamp", "timestart", "begintime", "beginn", "uhrzeit", "heure"]),
    (End, &["end", "endsat", "endtime", "enddate", "enddatetime", "to", "until", "finish", "endat", "scheduledend",
        "dtend", "ends", "finishtime", "timeend", "endutc", "ende", "fin"]),
    (Duration, &["duration", "length", "minutes", "durationminutes", "durationinminutes", "lengthminutes",
        "durationmins", "durationmin", "dauer", "scheduledduration"]),
    (TimeZone, &["timezone", "tz", "timezonename"]),
    (Room, &["room", "roomname", "location", "venue", "stage", "hall", "place", "where", "rooms", "raum", "salle",
        "sala", "locationname", "venuename", "roomid"]),
    (Track, &["track", "trackname", "tracks", "theme", "stream", "trackid", "tracktitle"]),
    (Session, &["session", "sessionblock", "block", "sessionname"]),
    (Kind, &["type", "kind", "format", "sessiontype", "sessionformat", "talktype", "eventtype", "submissiontype",
        "category", "talkformat", "contributiontype", "typename", "sessionkind", "presentationtype"]),
    (Tags, &["tags", "tag", "keywords", "topics", "topic", "labels", "tagnames", "keyword", "subjects"]),
    (Language, &["language", "lang", "locale", "contentlocale", "spokenlanguage", "sprache", "langue",
        "talklanguage"]),
    (Url, &["url", "link", "permalink", "href", "weburl", "publicurl", "canonicalurl", "website", "sessionurl",
        "pageurl"]),
    (Video, &["video", "videourl", "videos", "recording", "recordingurl", "recordings", "youtube", "youtubeurl",
        "vimeo", "videolink", "youtubelink", "youtubeid", "recordinglink", "livestreamurl"]),
    (Slides, &["slides", "slidesurl", "slideurl", "slidedeck", "slideslink", "slidelink", "slideshare",
        "speakerdeck", "presentationurl"]),
    (State, &["state", "status", "decision", "selected"]),
    (Licence, &["license", "licence", "copyrighttext"]),
    (Conference, &["conference", "conferencename", "eventname", "conferencetitle"]),
    (Id, &["id", "code", "guid", "uid", "uuid", "sessionid", "talkid", "submissionid", "paperid", "slug", "key"]),
    (IsBreak, &["isservicesession", "isbreak", "break"]),
    (Ignored, &["answers", "questions", "avatar", "avatarurl", "image", "imageurl", "images", "photo", "photourl",
        "picture", "profilepicture", "logo", "feedbackurl", "email", "emails", "mail", "emailaddress", "phone",
        "phonenumber", "telephone", "mobile", "contact", "contactemail", "notes", "internalnotes", "reviews",
        "score", "hexid", "thumbnail", "thumb", "gravatar", "twitterhandle", "twitter", "github", "linkedin",
        "mastodon", "pronouns", "tshirtsize", "ip", "password", "token", "createdat", "updatedat", "submitted",
        "submittedat", "lastmodified"]),
];

/// The fields of a record that a person may say a column holds. The column is read as the first meaning; what is found
/// to have one of them otherwise is then no more than one among the unknown.
#[rustfmt::skip]
const FIELDS: &[(&str, &[Meaning])] = &[
    ("title", &[Title]), ("subtitle", &[Subtitle]), ("abstract", &[Abstract, Description]),
    ("speakers", &[SpeakerName, Speakers, FirstName, LastName]), ("affiliation", &[Affiliation, Tagline]), ("bio", &[Bio]),
    ("date", &[Day]), ("start", &[Start]), ("end", &[End, Duration]), ("duration", &[Duration, End]),
    ("room", &[Room]), ("track", &[Track]), ("session", &[Session]), ("type", &[Kind]), ("tags", &[Tags]),
    ("language", &[Language]), ("url", &[Url]), ("video", &[Video]), ("slides", &[Slides]), ("state", &[State]),
    ("licence", &[Licence]), ("id", &[Id]),
];

/// The names in [`FIELDS`].
pub(in crate::formats) fn fields() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

/// How a column that holds a field is read, and the meanings that it takes the place of; null for what is no field.
pub(in crate::formats) fn meanings_named(field: &str) -> Option<&'static [Meaning]> {
    FIELDS.iter().find(|(name, _)| *name == field).map(|(_, meanings)| *meanings)
}

/// The most usual key of that meaning.
pub(in crate::formats) fn key_of(meaning: Meaning) -> Option<&'static str> {
    KEYS.iter().find(|(known, _)| *known == meaning).and_then(|(_, names)| names.first().copied())
}

/// What stands before the part of a key that tells: "sessionTitle", "Proposal title", "talk_abstract".
const OWNERS: &[&str] = &[
    "session",
    "talk",
    "event",
    "submission",
    "proposal",
    "presentation",
    "paper",
    "contribution",
    "program",
    "lecture",
    "slot",
];
/// The same before what belongs to a person: "speaker bio", "presenterName".
const PERSON_OWNERS: &[&str] = &[
    "speaker",
    "speakers",
    "presenter",
    "presenters",
    "author",
    "authors",
    "person",
    "owner",
    "submitter",
    "primaryspeaker",
    "mainspeaker",
];

/// Keys of what holds sessions or levels of them, folded.
const LEVELS: &[&str] = &[
    "days",
    "day",
    "rooms",
    "room",
    "events",
    "event",
    "sessions",
    "session",
    "talks",
    "talk",
    "schedule",
    "items",
    "item",
    "entries",
    "entry",
    "results",
    "submissions",
    "slots",
    "timeslots",
    "timeslot",
    "tracks",
    "track",
    "stages",
    "agenda",
    "program",
    "programme",
    "presentations",
    "papers",
    "contributions",
    "blocks",
    "lectures",
    "data",
    "list",
    "proposals",
    "locations",
    "groups",
];
/// Keys of lists of people beside the sessions, folded.
const PEOPLE: &[&str] = &["speakers", "persons", "people", "presenters", "speaker", "person", "authors", "hosts"];
/// Keys of objects that describe the conference, folded.
const CONFERENCES: &[&str] = &["conference", "info", "meta", "eventinfo", "metadata", "header"];

/// A spelling of a key, and what is made out of it.
#[derive(Debug, Default)]
pub(in crate::formats) struct Key {
    pub name: String,
    pub folded: String,
    /// Null for a key that is not known.
    pub meaning: Option<Meaning>,
    /// Where it stands among those that mean the same, the more usual ones first.
    rank: usize,
    pub is_level: bool,
    pub lists_people: bool,
    pub tells_conference: bool,
}

impl Key {
    fn new(name: &str) -> Key {
        let folded = folded(name);
        let is_in = |table: &[&str]| table.contains(&folded.as_str());
        Key {
            meaning: meaning(name),
            rank: KNOWN.get(folded.as_str()).map_or(usize::MAX, |(_, rank)| *rank),
            is_level: is_in(LEVELS),
            lists_people: is_in(PEOPLE),
            tells_conference: is_in(CONFERENCES),
            name: name.to_owned(),
            folded,
        }
    }

    /// By what keys of one meaning are sorted: their order in an object means nothing.
    pub fn rank(&self) -> (usize, &str) {
        (self.rank, &self.folded)
    }

    /// Whether it is one of these, which are folded.
    pub fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.folded.as_str())
    }

    /// Whether it is a mark of XML, an attribute or an element's own text, and no name of a level.
    pub fn is_mark(&self) -> bool {
        self.name.starts_with(['@', '#'])
    }
}

/// The keys of one file.
#[derive(Default)]
pub(in crate::formats) struct Keys(HashMap<String, Rc<Key>>);

impl Keys {
    /// The key of this spelling, and whether it is new.
    pub fn get(&mut self, name: &str) -> (Rc<Key>, bool) {
        if let Some(known) = self.0.get(name) {
            return (Rc::clone(known), false);
        }
        let key = Rc::new(Key::new(name));
        self.0.insert(name.to_owned(), Rc::clone(&key));
        (key, true)
    }
}

/// KEYS by their names: what each means, and its place among its like.
static KNOWN: LazyLock<HashMap<&str, (Meaning, usize)>> = LazyLock::new(|| {
    let rows = KEYS
        .iter()
        .flat_map(|(meaning, names)| names.iter().enumerate().map(move |(rank, name)| (*name, (*meaning, rank))));
    rows.collect()
});

/// What a key of a session means; null for a key that is not known.
pub(in crate::formats) fn meaning(key: &str) -> Option<Meaning> {
    // `#text` is of the tree.
    let folded = if key.starts_with('#') { return None } else { folded(key) };
    let known = |folded: &str| KNOWN.get(folded).map(|(meaning, _)| *meaning);
    if let Some(found) = known(&folded) {
        return Some(found);
    }
    let behind = |owners: &[&str]| {
        let mut rests = owners.iter().filter_map(|owner| folded.strip_prefix(owner));
        rests.find_map(|rest| known(rest.trim_start_matches(|c: char| c.is_ascii_digit())))
    };
    match behind(PERSON_OWNERS) {
        Some(Title) => Some(SpeakerName),
        Some(found @ (FirstName | LastName | Affiliation | Tagline | Bio | Ignored)) => Some(found),
        Some(Description | Abstract) => Some(Bio),
        Some(_) => None,
        None => behind(OWNERS),
    }
}

/// The letters and digits of a key, in small letters: `session_title`, `Session Title` and `sessionTitle` are one.
pub(in crate::formats) fn folded(key: &str) -> String {
    crate::text::analyzer::folded(key).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_key_are_one() {
        for (key, expected) in [
            ("title", Some(Title)),
            ("SessionTitle", Some(Title)),
            ("session_title", Some(Title)),
            ("Talk Title", Some(Title)),
            ("Proposal title", Some(Title)),
            ("startsAt", Some(Start)),
            ("start_date", Some(Start)),
            ("Presenter Name", Some(SpeakerName)),
            ("speaker1Bio", Some(Bio)),
            ("Speaker description", Some(Bio)),
            ("content_locale", Some(Language)),
            ("PresenterEmail", Some(Ignored)),
            ("Owner email", Some(Ignored)),
            ("submission_type", Some(Kind)),
            ("RecommendedAudience", None),
            ("may_record", None),
        ] {
            assert_eq!(meaning(key), expected, "{key}");
        }
    }

    #[test]
    fn a_field_is_read_as_what_it_means() {
        let mut seen = std::collections::HashSet::new();
        for (field, meanings) in FIELDS {
            let key = key_of(meanings[0]).unwrap();
            assert!(seen.insert(field) && meaning(key) == Some(meanings[0]), "{field}: {key}");
            assert!(meanings.contains(&meaning(field).unwrap()), "{field}");
        }
    }

    #[test]
    fn a_key_means_one_thing() {
        let mut seen = std::collections::HashSet::new();
        for key in KEYS.iter().flat_map(|(_, names)| *names) {
            assert!(seen.insert(key) && folded(key) == **key, "{key}");
        }
    }
}
