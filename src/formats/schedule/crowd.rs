//! The people of a session: names in a text, objects, ids that stand for them, or keys of the session itself.

use std::{collections::HashSet, rc::Rc};

use super::{
    Person,
    keys::{Key, Meaning, folded},
    object::{Joins, Members, text},
    people, prose,
    tree::{Node, Object},
};
use crate::record::Role;

/// People of one session; the largest panels and collaborations stay under 100.
pub(in crate::formats) const PEOPLE_MAX: usize = 200;
/// Keys of what tells a person, folded.
const IDS: &[&str] = &["id", "code", "speakerid", "personid", "guid"];
const NAMES: &[&str] =
    &["name", "publicname", "fullpublicname", "fullname", "displayname", "speakername", "presentername"];

/// People, each once, and no more than [`PEOPLE_MAX`].
#[derive(Default)]
struct Crowd {
    people: Vec<Person>,
    seen: HashSet<String>,
    is_full: bool,
}

impl Crowd {
    fn add(&mut self, person: Person) {
        if self.seen.insert(folded(&person.name)) {
            if self.people.len() < PEOPLE_MAX {
                self.people.push(person);
            } else {
                self.is_full = true;
            }
        }
    }

    fn add_all(&mut self, people: &[Person], role: Role) {
        people.iter().for_each(|person| self.add(Person { role, ..person.clone() }));
    }
}

/// How the objects of people are read.
#[derive(Clone, Copy)]
struct Reading<'r, 't> {
    joins: &'r Joins<'t>,
    language: Option<&'r str>,
    /// An id was followed already: two people may stand for each other.
    is_joined: bool,
}

/// The people that a session's keys name, and whether some were left out.
pub(in crate::formats) fn of_session(members: &Members, joins: &Joins, language: Option<&str>) -> (Vec<Person>, bool) {
    let mut crowd = Crowd::default();
    let reading = Reading { joins, language, is_joined: false };
    for (key, value) in members.pairs(Meaning::Speakers) {
        people_of(value, reading, role_of(key), &mut crowd);
    }
    if crowd.people.is_empty() {
        lone(members, language).into_iter().for_each(|person| crowd.add(person));
    }
    complete(&mut crowd.people, members, language);
    (crowd.people, crowd.is_full)
}

/// What keys of the session itself say of its people: of one person, or of each in the same order.
fn complete(people: &mut [Person], members: &Members, language: Option<&str>) {
    let get = |meaning: Meaning| members.of(meaning).find_map(|value| text(value, language));
    if let Some(companies) = get(Meaning::Affiliation) {
        let lone = [&*companies];
        let listed: Vec<&str> = companies.split([';', '\n', '|']).map(str::trim).collect();
        let companies = if people.len() == 1 { &lone[..] } else { &listed };
        if companies.len() == people.len() {
            for (person, company) in people.iter_mut().zip(companies).filter(|(person, _)| person.affiliation.is_none())
            {
                person.affiliation = Some(prose::line(company)).filter(|company| !company.is_empty());
            }
        }
    }
    if let ([person], Some(bio)) = (people, get(Meaning::Bio)) {
        let own = person.bio.take();
        person.bio = own.or_else(|| Some(prose::read(&bio)).filter(|bio| !bio.is_empty()));
    }
}

/// The people that an object beside the sessions is.
pub(in crate::formats) fn of_object(object: &Object, joins: &Joins) -> Vec<Person> {
    let mut crowd = Crowd::default();
    person(object, Reading { joins, language: None, is_joined: false }, Role::Speaker, &mut crowd);
    crowd.people
}

fn role_of(key: &Key) -> Role {
    named_role(&key.folded).unwrap_or_default()
}

/// The role that a word names, folded.
fn named_role(word: &str) -> Option<Role> {
    match word {
        word if word.starts_with("moderator") => Some(Role::Moderator),
        word if word.starts_with("panel") => Some(Role::Panelist),
        word if word.contains("author") => Some(Role::Author),
        _ => None,
    }
}

fn people_of(value: &Node, reading: Reading, role: Role, crowd: &mut Crowd) {
    if crowd.is_full {
        return;
    }
    let known = |id: &str| reading.joins.people.get(id.trim()).copied();
    match value {
        Node::List(values) => values.iter().for_each(|value| people_of(value, reading, role, crowd)),
        Node::Object(object) => person(object, reading, role, crowd),
        Node::Number(number) => {
            if let Some(found) = known(number) {
                crowd.add_all(&joined(found, reading), role);
            }
        }
        Node::Text(text) => {
            if let Some(found) = known(text) {
                crowd.add_all(&joined(found, reading), role);
            } else if !looks_like_an_id(text) {
                people::read(&prose::line(text)).into_iter().for_each(|speaker| {
                    crowd.add(Person {
                        role: if role == Role::Speaker { speaker.role } else { role },
                        name: speaker.name,
                        affiliation: speaker.affiliation,
                        bio: None,
                        span: None,
                    });
                });
            }
        }
        Node::Null | Node::Bool(_) => {}
    }
}

/// Who an object is that an id stands for: made out once, since many sessions may name it.
fn joined<'t>(found: &'t Object<'t>, reading: Reading<'_, 't>) -> Rc<[Person]> {
    let place = (std::ptr::from_ref(found), reading.language.map(str::to_owned));
    let known = reading.joins.told.borrow().get(&place).map(Rc::clone);
    known.unwrap_or_else(|| {
        let mut crowd = Crowd::default();
        person(found, Reading { is_joined: true, ..reading }, Role::Speaker, &mut crowd);
        let people = Rc::from(crowd.people);
        reading.joins.told.borrow_mut().insert(place, Rc::clone(&people));
        people
    })
}

/// A person's object; one that holds others (`{"person": […]}`) stands for them.
fn person(object: &Object, reading: Reading, role: Role, crowd: &mut Crowd) {
    let Reading { joins, language, is_joined } = reading;
    let get = |meaning: Meaning| object.of_meaning(meaning).find_map(|value| text(value, language));
    let full = object
        .any_of(NAMES)
        .and_then(|value| text(value, language))
        .or_else(|| object.get("#text").and_then(|value| text(value, language)));
    let parts = || {
        let parts = [get(Meaning::FirstName), get(Meaning::LastName)];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!name.trim().is_empty()).then(|| name.into())
    };
    let more = || {
        let id = object.any_of(IDS).and_then(|value| text(value, None)).filter(|_| !is_joined)?;
        joins.people.get(id.trim()).copied().filter(|found| !std::ptr::eq(*found, object))
    };
    let name = full.or_else(parts).or_else(|| get(Meaning::SpeakerName)).or_else(|| get(Meaning::Title));
    let Some(name) = name else {
        if let Some(found) = more() {
            crowd.add_all(&joined(found, reading), role);
        } else if !is_joined {
            for (key, value) in object.iter() {
                let may_hold = value.is_container() || key.meaning == Some(Meaning::Speakers);
                if may_hold && !key.is_mark() && key.meaning != Some(Meaning::Ignored) {
                    people_of(value, reading, if role == Role::Speaker { role_of(key) } else { role }, crowd);
                }
            }
        }
        return;
    };
    // The person may be told more of in a list of people.
    let more = more().and_then(|found| joined(found, reading).first().cloned());
    let company = get(Meaning::Affiliation).map(|text| prose::line(&text));
    let company = company.or_else(|| get(Meaning::Tagline).and_then(|text| people::employer(&prose::line(&text))));
    let bio = get(Meaning::Bio).or_else(|| get(Meaning::Description)).or_else(|| get(Meaning::Abstract));
    let own_bio = bio.map(|bio| prose::read(&bio)).filter(|bio| !bio.is_empty());
    // "Author of a book" is no role here.
    let own_role = object.any_of(&["role"]).and_then(Node::as_str).filter(|word| !word.contains(' '));
    let own_role = own_role.and_then(|word| named_role(&folded(word)));
    if let Some(speaker) = people::one(&prose::line(&name), company.as_deref()) {
        let more = more.filter(|more| folded(&more.name) == folded(&speaker.name));
        crowd.add(Person {
            name: speaker.name,
            affiliation: speaker.affiliation.or_else(|| more.as_ref().and_then(|more| more.affiliation.clone())),
            role: own_role.filter(|_| role == Role::Speaker).unwrap_or(role),
            // A bio stands where it was found.
            span: if own_bio.is_some() { object.span() } else { more.as_ref().and_then(|more| more.span) },
            bio: own_bio.or_else(|| more.and_then(|more| more.bio)),
        });
    }
}

/// A person whose name and bio are keys of the session itself.
fn lone(members: &Members, language: Option<&str>) -> Vec<Person> {
    let get = |meaning: Meaning| members.of(meaning).find_map(|value| text(value, language));
    let parts = || {
        let name =
            [get(Meaning::FirstName), get(Meaning::LastName)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!name.is_empty()).then(|| name.into())
    };
    let Some(names) = get(Meaning::SpeakerName).or_else(parts) else { return Vec::new() };
    let company = get(Meaning::Affiliation).map(|text| prose::line(&text));
    let company = company.or_else(|| get(Meaning::Tagline).and_then(|text| people::employer(&text)));
    let bio = get(Meaning::Bio).map(|bio| prose::read(&bio)).filter(|bio| !bio.is_empty());
    let found = people::read(&prose::line(&names));
    // One bio under several names is nobody's.
    let is_one = found.len() == 1;
    found
        .into_iter()
        .map(|speaker| Person {
            name: speaker.name,
            affiliation: speaker.affiliation.or_else(|| company.clone().filter(|_| is_one)),
            role: speaker.role,
            bio: bio.clone().filter(|_| is_one),
            span: None,
        })
        .collect()
}

/// What is an id of a list that is not there names nobody.
fn looks_like_an_id(text: &str) -> bool {
    let text = text.trim();
    let hex = text.chars().filter(char::is_ascii_hexdigit).count();
    (text.len() >= 16 && hex + text.matches('-').count() == text.len())
        || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
}
