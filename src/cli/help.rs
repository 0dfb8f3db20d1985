//! `hallway help query`: the query language, from the tables of the library.

use hallway::{index::schema::FIELDS, query::SYNTAX};

/// Columns of the help.
const COLUMNS: usize = 80;

/// The help on something that is no command.
pub(super) fn topic(name: &str) -> Option<String> {
    (name == "query").then(query)
}

fn query() -> String {
    let syntax = SYNTAX.iter().map(|syntax| {
        let example = format!("example: {}", syntax.example);
        format!("  {}\n{}{}\n", syntax.write, indented(syntax.finds), indented(&example))
    });
    let fields = FIELDS.iter().map(|field| format!("  {:<12} {}\n", field.name, field.help));
    let (syntax, fields): (String, String) = (syntax.collect(), fields.collect());
    format!("The query language of search and export\n\n{syntax}Fields:\n{fields}\n{TEXT}")
}

const TEXT: &str = "\
Any other string is text, and no query is an error. What was read otherwise than
it looks is said in a note; --strict makes an error of it that shows the place.
docs/query.md has more.
";

/// Lines of whole words, behind spaces.
fn indented(text: &str) -> String {
    const INDENT: &str = "      ";
    let mut lines = vec![INDENT.to_owned()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        let gap = usize::from(line.len() > INDENT.len());
        if line.len() + gap + word.len() > COLUMNS {
            lines.push(format!("{INDENT}{word}"));
        } else {
            line.push_str(&" "[..gap]);
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}
