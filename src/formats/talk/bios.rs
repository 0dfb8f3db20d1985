//! What the text of a talk's page says of people: who they are, what they do, their bios.

use super::{
    body::{self, Section},
    fields::Fields,
    people::{PEOPLE_FOLDERS, TAGLINE_WORDS_MAX, bare, is_placeholder, look_up, plain, same},
};
use crate::{
    formats::{
        Input,
        schedule::{Person, links, people, prose, tree::value},
        usenix,
    },
    record::Role,
    text::analyzer,
};

/// People that a page may name.
const PEOPLE_MAX: usize = 100;
/// Words of a job, folded: what has one is no organisation.
#[rustfmt::skip]
const JOB_WORDS: &[&str] = &[
    "engineer", "developer", "architect", "manager", "director", "founder", "cofounder", "co", "cto", "ceo", "cio", "vp", "head", "lead",
    "leader", "consultant", "evangelist", "advocate", "principal", "senior", "junior", "analyst", "administrator", "sysadmin", "officer",
    "president", "specialist", "coach", "professor", "student", "researcher", "author", "scientist", "owner", "devops", "programmer",
    "master", "team", "maintainer", "organizer", "organiser", "freelance", "independent", "software", "writer", "operations", "ops",
    "services", "product", "management", "speaker", "strategist", "infrastructure", "his", "her", "my",
];
/// Ends of names of organisations, which are none alone.
const NO_COMPANIES: &[&str] = &["inc", "ltd", "llc", "gmbh", "it", "co", "usa", "uk"];
/// What stands between names, folded.
const JOINING_WORDS: &[&str] = &["and", "und", "et", "y", "with", "or", "moderator", "co", "presented", "by"];
const COMPANY_WORDS_MAX: usize = 5;

/// What the front matter says of people, besides their names.
pub(super) struct Said {
    /// As the front matter has them: "Speaker 12", "Ann Example & Bob Example".
    names: Vec<String>,
    /// "Engineer at Acme".
    tagline: Option<String>,
}

pub(super) fn said_of(fields: &Fields) -> Said {
    let names = fields.people_keys().filter_map(|(_, _, value)| value::text(value)).map(|text| prose::line(&text));
    let tagline = fields.text(&["authorrole", "speakerrole", "presenterrole"]).map(|text| plain(&text));
    Said { names: names.collect(), tagline }
}

/// Takes what stands below a heading such as "Speaker": names, what they do, their bios.
pub(super) fn take_section(input: &Input, section: &Section, said: &Said, people: &mut Vec<Person>) {
    let lines: Vec<&str> = section.text.lines().filter(|line| !line.trim().is_empty()).collect();
    let links_people = lines.iter().any(|line| body::links(line).iter().any(|(_, url)| leads_to_person(url)));
    if section.role != Role::Speaker || people.is_empty() || links_people {
        take_names(input, &lines, section.role, people);
    } else if let Some(first) = lines.first() {
        take_others(&plain(first), people);
    }
    if !section.is_line {
        take_bios(section, said, people);
    }
    if let (Some(tagline), [person]) = (&said.tagline, &mut people[..]) {
        person.affiliation = person.affiliation.take().or_else(|| organisation(tagline));
    }
}

/// "Ann Example, Bob Example and Cid Example" where the front matter has Ann alone.
fn take_others(line: &str, people: &mut Vec<Person>) {
    let joined = line.replace(" and ", ", ").replace(" & ", ", ");
    let names: Vec<&str> = joined.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let are_names = names.iter().all(|name| name.contains(' ') && usenix::people::is_name(name));
    let is_list = names.len() > 2 || (names.len() == 2 && joined != line);
    if is_list && are_names && people.iter().any(|person| same(&person.name, names[0])) {
        let others = names.into_iter().filter_map(|name| people::one(name, None));
        let others: Vec<_> = others.filter(|one| !people.iter().any(|known| same(&known.name, &one.name))).collect();
        people.extend(others.into_iter().map(|speaker| Person { name: speaker.name, ..Person::default() }));
    }
}

fn take_bios(section: &Section, said: &Said, people: &mut [Person]) {
    let mut kept = String::new();
    let mut of: Option<usize> = None;
    let mut bios: Vec<String> = vec![String::new(); people.len()];
    for line in section.text.lines() {
        let shown = without_addresses(&plain(line.trim_start_matches(['-', '+', '*', ' '])));
        if is_placeholder(&shown) || said.names.iter().any(|names| same(names, &shown)) || is_only_names(&shown, people)
        {
            of = people.iter().position(|person| same(&person.name, &shown)).or(of);
            continue;
        }
        if let Some((named, tagline)) = named(&shown, people) {
            of = named.first().copied();
            for at in named {
                let person = &mut people[at];
                person.affiliation = person.affiliation.take().or_else(|| organisation(tagline));
            }
            if is_company(tagline) {
                continue;
            }
        }
        let opened = || people.iter().position(|person| opens_with(&shown, &person.name));
        of = if people.len() > 1 { opened().or(of) } else { of };
        let text = of.filter(|_| people.len() > 1).map_or(&mut kept, |at| &mut bios[at]);
        text.extend([line, "\n"]);
    }
    let is_one = people.len() == 1;
    for (person, own) in people.iter_mut().zip(bios) {
        // What can't be told apart is of all.
        let source = if own.trim().is_empty() || is_one { kept.as_str() } else { own.as_str() };
        let text = body::readable(source);
        let text = text.strip_prefix("Bio:").map_or(text.as_str(), str::trim);
        if person.affiliation.is_none() {
            person.affiliation = card(text, &person.name);
        }
        if is_company(text) && person.affiliation.as_deref() == Some(text) {
            continue;
        }
        if text.chars().any(char::is_alphabetic) && !without_addresses(text).is_empty() {
            let before = person.bio.take().map(|bio| format!("{bio}\n\n")).unwrap_or_default();
            person.bio = Some(before + text);
        }
    }
}

/// The organisation of a bio that is a card: "Acme", or a job, and "Acme" below it.
fn card(text: &str, name: &str) -> Option<String> {
    let is_company = |text: &str| is_company(text) && !name.split(' ').any(|word| text.contains(word));
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines[..] {
        [place] if is_company(place) && !(place.contains(' ') && usenix::people::is_name(place)) => {
            Some(place.to_owned())
        }
        [job, place] if has_job(job) && is_company(place) && job.split(' ').count() <= COMPANY_WORDS_MAX + 3 => {
            Some(place.to_owned())
        }
        [line] if line.split(' ').count() <= TAGLINE_WORDS_MAX && !line.contains(". ") && !line.ends_with('.') => {
            organisation(line).filter(|place| has_job(line) && is_company(place))
        }
        _ => None,
    }
}

/// Whether a line is names of these people and words that join them.
fn is_only_names(line: &str, people: &[Person]) -> bool {
    let mut rest = analyzer::folded(line);
    let before = rest.len();
    for person in people {
        rest = rest.replace(&analyzer::folded(&person.name), " ");
    }
    let mut words = rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    rest.len() < before && words.all(|word| JOINING_WORDS.contains(&word))
}

/// A line without addresses and handles, and the signs before them.
fn without_addresses(line: &str) -> String {
    let is_address = |word: &&str| links::is_url(word) || word.starts_with('@') || word.starts_with("www.");
    let words: Vec<&str> = line.split_whitespace().filter(|word| !is_address(&word.trim_matches(['(', ')']))).collect();
    words.join(" ").trim_matches(['-', '–', '|', ',', ':', ' ']).to_owned()
}

/// People whom a section names in its first lines, or in a list.
fn take_names(input: &Input, lines: &[&str], role: Role, people: &mut Vec<Person>) {
    let mut found: Vec<Person> = Vec::new();
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        let item = line.trim_start().trim_start_matches(['-', '*', '+']).trim();
        let links = body::links(item);
        let is_item = item.len() < line.trim().len();
        let n_words = item.split_whitespace().count();
        let role = if analyzer::folded(item).contains("(moderator") { Role::Moderator } else { role };
        let linked = links
            .iter()
            .filter(|(text, url)| leads_to_person(url) || (people.is_empty() && usenix::people::is_name(text)));
        let linked: Vec<Person> = linked.filter_map(|(text, url)| of_link(input, text, url, role)).collect();
        if !linked.is_empty() && (n_words <= TAGLINE_WORDS_MAX || links.len() > 1) {
            found.extend(linked);
            continue;
        }
        let shown = without_addresses(&plain(item));
        let cut = shown.find([',', '|', '(']).into_iter().chain(shown.find(" - ")).min().unwrap_or(shown.len());
        let (head, rest) = (shown[..cut].trim(), shown[cut..].trim_matches([',', ' ', '-', '|', '(', ')']));
        let is_named = usenix::people::is_name(head) && head.contains(' ') && n_words <= TAGLINE_WORDS_MAX;
        if is_named && (is_item || found.is_empty()) {
            let one = people::one(head, organisation(rest).as_deref());
            let is_list = role != Role::Speaker || (!rest.is_empty() && organisation(rest).is_none());
            let all = if is_list { people::read(&shown) } else { one.into_iter().collect() };
            found.extend(all.into_iter().map(|speaker| Person {
                name: speaker.name,
                affiliation: speaker.affiliation,
                role: if role == Role::Speaker { speaker.role } else { role },
                ..Person::default()
            }));
        }
        if !is_item {
            break;
        }
    }
    for person in found.into_iter().take(PEOPLE_MAX) {
        if !people.iter().any(|known| same(&known.name, &person.name)) && !is_placeholder(&person.name) {
            people.push(person);
        }
    }
}

fn leads_to_person(url: &str) -> bool {
    url.split('/').any(|part| PEOPLE_FOLDERS.contains(&part))
}

/// Who stands behind a link to a page of a person: by its name there, else by the link's words.
fn of_link(input: &Input, text: &str, url: &str, role: Role) -> Option<Person> {
    let known = if leads_to_person(url) { look_up(input, &bare(url)) } else { None };
    let get = |key: &str| known.as_ref().and_then(|known| known.get(key)).and_then(value::text);
    let speaker = people::one(&plain(text), get("company").as_deref())?;
    Some(Person { name: speaker.name, affiliation: speaker.affiliation, role, ..Person::default() })
}

/// "Ann Example, Engineer at Acme", "Ann Example, Bob Example - Acme": whose line it is, and what it says behind the names.
fn named<'a>(line: &'a str, people: &[Person]) -> Option<(Vec<usize>, &'a str)> {
    let signs = [',', '-', '–', '—', '|', '(', ':', '&'];
    let opens = |text: &str| {
        let head = |person: &Person| text.get(..person.name.len()).is_some_and(|head| same(head, &person.name));
        people.iter().position(head)
    };
    let mut found = vec![opens(line)?];
    let mut rest = line[people[found[0]].name.len()..].trim_start();
    let mut tagline = rest.trim_start_matches(signs);
    while let Some(at) = opens(tagline.trim_start()).filter(|at| !found.contains(at)) {
        rest = tagline.trim_start()[people[at].name.len()..].trim_start();
        tagline = rest.trim_start_matches(signs);
        found.push(at);
    }
    let is_short = tagline.split_whitespace().count() <= TAGLINE_WORDS_MAX;
    (tagline.len() < rest.len() && is_short).then(|| (found, tagline.trim().trim_end_matches([')', '.', ','])))
}

/// The organisation that a tagline is or names.
fn organisation(tagline: &str) -> Option<String> {
    // "chief architect, Acme"
    let last = || tagline.rsplit_once(", ").filter(|(job, _)| has_job(job)).map(|(_, place)| place);
    let place = || Some(tagline).filter(|text| is_company(text)).or_else(|| last().filter(|place| is_company(place)));
    people::employer(tagline).or_else(|| place().map(|place| place.trim().to_owned()))
}

fn has_job(text: &str) -> bool {
    let folded = analyzer::folded(text);
    folded.split(|c: char| !c.is_alphanumeric()).any(|word| JOB_WORDS.contains(&word))
}

/// A few words, none of a job, none in small letters at the beginning.
fn is_company(text: &str) -> bool {
    let text = text.trim().trim_end_matches(')');
    let n_words = text.split_whitespace().count();
    (1..=COMPANY_WORDS_MAX).contains(&n_words)
        && text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
        && !text.ends_with(['.', '!', '?'])
        && !text.contains(['@', '/', '(', ')'])
        && !text.contains(". ")
        && !NO_COMPANIES.contains(&text.to_lowercase().trim_end_matches('.'))
        && !text.trim_end_matches(", Inc").contains(", ")
        && !text.contains(" and ")
        && !has_job(text)
}

/// Whether a line begins with a person's name, in full or the given one.
fn opens_with(line: &str, name: &str) -> bool {
    let given = name.split(' ').next().unwrap_or(name);
    [name, given].iter().any(|name| {
        line.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
            && !line[name.len()..].starts_with(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taglines_that_are_organisations_are_told_from_jobs() {
        for (text, expected) in [
            ("Acme Labs", Some("Acme Labs")),
            ("Co-Founder and CTO at Acme", Some("Acme")),
            ("Senior Engineer", None),
            ("likes cats", None),
        ] {
            assert_eq!(organisation(text).as_deref(), expected, "{text}");
        }
    }
}
