//! What a person says that the columns of a table hold (`--map FIELD=COLUMN`), as the keys that they are read by.

use std::collections::BTreeMap;

use super::numbered;
use crate::formats::schedule::keys::{Meaning, folded, key_of, meaning, meanings_named};

/// A header's columns with what was said of them.
#[derive(Default)]
pub(super) struct Mapped {
    /// By what each column is read: its name, or the key of what it is said to hold; empty for those whose place others take.
    pub keys: Vec<String>,
    /// Columns that hold what was said.
    pub n_said: usize,
    /// Columns that were named and are not there.
    pub missing: Vec<String>,
}

/// The columns that hold who speaks.
#[derive(Default)]
struct People {
    /// A column of names, and the one with their company where both were named as one: "Who,Company".
    names: Vec<(usize, Option<usize>)>,
    companies: Vec<usize>,
    bios: Vec<usize>,
}

pub(super) fn read(printed: &[String], map: &BTreeMap<String, Vec<String>>) -> Mapped {
    let mut mapped = Mapped::default();
    let (mut said, mut replaced, mut people): (BTreeMap<usize, String>, Vec<Meaning>, People) = Default::default();
    for (field, names) in map {
        let Some((first, _)) = meanings_named(field).and_then(<[Meaning]>::split_first) else { continue };
        let mut columns: Vec<usize> = Vec::new();
        for name in names {
            let found = find(printed, name);
            let pair = if *first == Meaning::SpeakerName && found.is_empty() { pair(printed, name) } else { None };
            if found.is_empty() && pair.is_none() {
                mapped.missing.push(name.clone());
            }
            people.names.extend(pair.map(|(who, company)| (who, Some(company))));
            columns.extend(found);
        }
        match first {
            Meaning::SpeakerName => people.names.extend(columns.iter().map(|at| (*at, None))),
            Meaning::Affiliation => people.companies.extend(&columns),
            Meaning::Bio => people.bios.extend(&columns),
            // Of these a record has several.
            Meaning::Abstract | Meaning::Tags | Meaning::Video | Meaning::Slides => {
                said.extend(columns.iter().filter_map(|at| Some((*at, key_of(*first)?.to_owned()))));
            }
            // Of the others the first; what else was said to be it is not read as something else.
            _ => {
                let keys = key_of(*first).into_iter().chain(std::iter::repeat(""));
                said.extend(columns.iter().zip(keys).map(|(at, key)| (*at, key.to_owned())));
            }
        }
        if columns.len() + people.names.len() > 0 {
            replaced.extend(meanings_named(field).unwrap_or_default());
        }
    }
    people.keys(&mut said);
    mapped.n_said = said.len();
    let key = |(at, name): (usize, &String)| {
        let is_of_people = numbered(name).is_some() && replaced.contains(&Meaning::Speakers);
        let is_replaced = is_of_people || meaning(name).is_some_and(|found| replaced.contains(&found));
        said.get(&at).cloned().unwrap_or_else(|| if is_replaced { String::new() } else { name.clone() })
    };
    mapped.keys = printed.iter().enumerate().map(key).collect();
    mapped
}

/// The columns of that name, spelled so; else those whose letters and digits are the same.
fn find(printed: &[String], name: &str) -> Vec<usize> {
    let those = |is: &dyn Fn(&String) -> bool| (0..printed.len()).filter(|at| is(&printed[*at])).collect::<Vec<_>>();
    let exact = those(&|other| other == name);
    if !exact.is_empty() || folded(name).is_empty() { exact } else { those(&|other| folded(other) == folded(name)) }
}

fn pair(printed: &[String], names: &str) -> Option<(usize, usize)> {
    let (who, company) = names.rsplit_once(',')?;
    Some((*find(printed, who.trim()).first()?, *find(printed, company.trim()).first()?))
}

impl People {
    /// One column of names may hold several, as other tables have them; of several columns each is one person, numbered.
    fn keys(&self, said: &mut BTreeMap<usize, String>) {
        let is_lone = self.names.len() <= 1;
        let key = |n: usize, part: &str| if is_lone { part.to_owned() } else { format!("speaker{}{part}", n + 1) };
        for (part, columns) in [("company", &self.companies), ("bio", &self.bios)] {
            said.extend(columns.iter().enumerate().map(|(n, at)| (*at, key(n, part))));
        }
        for (n, (name, company)) in self.names.iter().enumerate() {
            said.insert(*name, key(n, if is_lone { "speakername" } else { "name" }));
            said.extend(company.map(|at| (at, key(n, "company"))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_by_what_is_said() {
        for (columns, said, expected) in [
            ("Name Who", &["title=Name", "speakers=who"][..], "title speakername"),
            // What takes a recognised column's place leaves nothing of the same sort beside it.
            ("Title Name Speaker", &["title=Name"], " title Speaker"),
            ("Pitch Abstract Details", &["abstract=Pitch"], "abstract  "),
            ("Who First_name Speaker_1 Day", &["speakers=Who"], "speakername   Day"),
            // Several columns of a field of which there is one: the first.
            ("A B", &["title=A", "title=B"], "title "),
            ("A B", &["tags=A", "tags=B"], "tags tags"),
            ("A B C D", &["speakers=A,B"], "speakername company C D"),
            ("A B C D", &["speakers=A,B", "speakers=C,D"], "speaker1name speaker1company speaker2name speaker2company"),
            (
                "A B C D",
                &["speakers=A", "speakers=C", "bio=B", "bio=D"],
                "speaker1name speaker1bio speaker2name speaker2bio",
            ),
            ("A,B A B", &["speakers=A,B"], "speakername A B"),
            ("A B", &["title=C", "speakers=A,C"], "A B"),
        ] {
            let printed: Vec<String> = columns.split(' ').map(str::to_owned).collect();
            let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (field, column) in said.iter().map(|said| said.split_once('=').unwrap()) {
                map.entry(field.to_owned()).or_default().push(column.to_owned());
            }
            assert_eq!(read(&printed, &map).keys.join(" "), expected, "{columns} {said:?}");
        }
    }
}
