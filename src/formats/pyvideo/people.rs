//! The speakers of a talk in an archive: a list of names, or one text with several; now and then its title once more, or
//! how many there were.

use serde_json::Value;

use crate::{
    formats::{archive::key, edition, schedule::people, usenix},
    record::Speaker,
    text::{analyzer::folded, one_line},
};

/// Speakers of one talk.
const SPEAKERS_MAX: usize = 200;
/// A name between "and"s has no more words.
const NAME_WORDS_MAX: usize = 4;

/// The people of a value, in its order; `title` is the talk's.
pub(super) fn read(value: &Value, title: &str) -> Vec<Speaker> {
    let mut found: Vec<Speaker> = match value {
        Value::Array(values) => {
            values.iter().filter_map(Value::as_str).flat_map(|entry| entry_of(entry, title)).collect()
        }
        Value::String(names) => people::read(names),
        _ => Vec::new(),
    };
    let mut seen = std::collections::HashSet::new();
    found.retain(|speaker| seen.insert(folded(&speaker.name)));
    found.truncate(SPEAKERS_MAX);
    found
}

/// One entry of a list, which is one person, most often.
fn entry_of(entry: &str, title: &str) -> Vec<Speaker> {
    let entry = one_line(entry);
    let entry = entry.trim_end_matches(['.', '…', ' ']).trim_end_matches(", et al").trim_end_matches(" et al");
    // "Testing in the Wild by Ann Example", "Fireside Chat with: Ann Example and Bob Example"
    if let Some((head, names)) = entry.split_once(" by ").or_else(|| entry.split_once(" with: "))
        && (key(title).contains(&key(head)) || head.split(' ').count() > NAME_WORDS_MAX || entry.contains(": "))
    {
        return people::read(names);
    }
    // "and the Rest of its Title — Ann Example"
    if let Some((head, name)) = [" — ", " – ", " - "].iter().find_map(|dash| entry.rsplit_once(dash))
        && head.split(' ').count() > 2
        && !people::looks_like_a_name(head)
        && head.split(' ').any(|word| word.starts_with(char::is_lowercase) && !usenix::words::is_particle(word))
        && people::looks_like_a_name(name)
    {
        return people::read(name);
    }
    let repeats_title = !usenix::people::is_name(entry) && key(title) == key(entry);
    let is_session = usenix::words::heading_type(entry).is_some() && key(title).contains(&key(entry));
    let is_edition = edition::year_in(entry).is_some();
    if entry.is_empty() || repeats_title || is_session || is_edition {
        return Vec::new();
    }
    if entry.contains([';', '\n', '、']) {
        return people::read(entry);
    }
    let parts: Vec<&str> = entry.split(" & ").flat_map(|part| part.split(" and ")).map(str::trim).collect();
    let is_short_name = |part: &&str| {
        part.split(' ').count() <= NAME_WORDS_MAX && !part.contains('(') && part.starts_with(|c: char| c.is_uppercase())
    };
    if parts.len() > 1 && parts.iter().flat_map(|part| part.split(", ")).all(|part| is_short_name(&part)) {
        return parts.iter().flat_map(|part| part.split(", ")).filter_map(one).collect();
    }
    // "Example, Ann" is one person.
    let parts: Vec<&str> = entry.split(", ").map(str::trim).collect();
    if parts.len() > 1 && parts.iter().all(|part| usenix::people::is_name(part)) {
        return parts.into_iter().filter_map(one).collect();
    }
    one(entry).into_iter().collect()
}

/// One person. What stands in brackets behind a name is another name of theirs, unless it is an organisation by its words.
fn one(name: &str) -> Option<Speaker> {
    let bracket = name.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let is_other_name = bracket.is_some_and(|(_, inner)| {
        inner.starts_with(char::is_uppercase)
            && !usenix::words::has_affiliation_word(inner)
            && !people::is_nobody(inner)
    });
    if is_other_name && !people::is_nobody(name) {
        return Some(Speaker { name: name.to_owned(), ..Speaker::default() });
    }
    people::one(name, None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn speakers_are_people() {
        for (value, title, expected) in [
            (json!(["Ann Example", "Bob Example"]), "A Talk", "Ann Example; Bob Example"),
            (json!("Ann Example, Bob Example"), "A Talk", "Ann Example; Bob Example"),
            (json!(["Ann Example and Bob Example"]), "A Talk", "Ann Example; Bob Example"),
            (json!(["Ann Example, Bob Example, Cid Example"]), "A Talk", "Ann Example; Bob Example; Cid Example"),
            (json!(["Ann and Bob"]), "A Talk", "Ann; Bob"),
            (json!(["Example, Ann"]), "A Talk", "Example, Ann"),
            (json!(["Ann Example, et al"]), "A Talk", "Ann Example"),
            (json!(["Various speakers"]), "Lightning Talks", ""),
            (json!(["Sunday Lightning Talks"]), "Sunday Lightning Talks (FooConf 2020)", ""),
            (json!(["A Long Story: Talking about Talks"]), "A Long Story: Talking about Talks", ""),
            (json!(["Testing in the Wild by Ann Example"]), "Testing in the Wild", "Ann Example"),
            (json!(["Fireside Chat with: Ann Example and Bob Example"]), "Fireside Chat", "Ann Example; Bob Example"),
            (json!(["范例 (Ann Example)"]), "A Talk", "范例 (Ann Example)"),
            (json!(["Ann Example (University of Examples)"]), "A Talk", "Ann Example"),
            (json!(["Ann Example (she/her)"]), "A Talk", "Ann Example"),
            (json!(["范例、例子"]), "A Talk", "范例; 例子"),
            (json!(["and the Other Half — Ann Example"]), "A Talk", "Ann Example"),
            (json!(["001"]), "A Talk", ""),
            (json!(["FooConf 2019", "Ann Example"]), "A Talk", "Ann Example"),
            (json!(["Ann Example"]), "Ann Example", "Ann Example"),
            (json!(null), "A Talk", ""),
        ] {
            let found: Vec<String> = super::read(&value, title).into_iter().map(|speaker| speaker.name).collect();
            assert_eq!(found.join("; "), expected, "{value}");
        }
    }
}
