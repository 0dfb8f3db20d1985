//! What the README and `docs/` show is what the commands print: console blocks on the sample collection, by trycmd; and the
//! picture of a page. `TRYCMD=overwrite` writes the transcripts anew, `HALLWAY_BLESS=1` the picture.

use std::{fs, path::Path};

use hallway::{index::schema::FIELDS, query::SYNTAX};

use crate::{
    expected,
    sandbox::{Sandbox, repository},
};

/// Columns of the picture.
const COLUMNS: &str = "90";

#[test]
fn transcripts_are_true() {
    let sandbox = Sandbox::new();
    let (home, index) = (sandbox.path(""), sandbox.path("index"));
    let run =
        sandbox.run(&["--index", index.to_str().unwrap(), "ingest", repository().join("corpus").to_str().unwrap()]);
    assert_eq!(run.status, 0, "{run:?}");
    let cases = trycmd::TestCases::new();
    cases.register_bin("hallway", Path::new(env!("CARGO_BIN_EXE_hallway")));
    let variables = [
        ("HALLWAY_INDEX", index.to_str().unwrap()),
        ("HOME", home.to_str().unwrap()),
        ("XDG_CONFIG_HOME", ""),
        ("COLUMNS", "80"),
        ("LANG", "C.UTF-8"),
        ("LC_ALL", ""),
        ("NO_COLOR", "1"),
        ("HALLWAY_COLOR", ""),
        ("HALLWAY_LIMIT", ""),
        ("HALLWAY_FACETS", ""),
    ];
    for (name, value) in variables {
        cases.env(name, value);
    }
    cases.case("README.md").case("docs/*.md");
    cases.run();
}

#[test]
fn the_page_on_queries_has_the_tables() {
    let cell = |text: &str| text.replace('|', "\\|");
    let syntax = SYNTAX.iter().map(|syntax| {
        let (write, finds, example) = (cell(syntax.write), cell(syntax.finds), cell(syntax.example));
        format!("| `{write}` | {finds} | `{example}` |")
    });
    let fields = FIELDS.iter().map(|field| format!("| `{}` | {} |", field.name, cell(field.help)));
    let tables: [(&str, Vec<String>); 2] =
        [("| write | to find | for example |", syntax.collect()), ("| field | holds |", fields.collect())];
    let path = repository().join("docs/query.md");
    let mut text = fs::read_to_string(&path).unwrap();
    for (head, rows) in tables {
        let start = text.find(head).unwrap_or_else(|| panic!("there is no table {head}"));
        let rows_start = start + text[start..].match_indices('\n').nth(1).unwrap().0 + 1;
        let rows_end = rows_start + text[rows_start..].find("\n\n").unwrap();
        text.replace_range(rows_start..rows_end, &rows.join("\n"));
    }
    expected::check(&path, &text);
}

#[test]
fn every_page_of_the_documents_is_reached_from_the_readme() {
    let mut seen = vec!["README.md".to_owned()];
    let mut at = 0;
    while at < seen.len() {
        let page = seen[at].clone();
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        let text = fs::read_to_string(repository().join(&page)).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let path = if folder.is_empty() { target.to_owned() } else { format!("{folder}/{target}") };
            assert!(
                target.contains("://") || target.is_empty() || repository().join(&path).exists(),
                "{page} leads to {path}"
            );
            if is_markdown(&path) && !path.contains("..") && !seen.contains(&path) {
                seen.push(path);
            }
        }
        at += 1;
    }
    for entry in fs::read_dir(repository().join("docs")).unwrap() {
        let name = format!("docs/{}", entry.unwrap().file_name().to_string_lossy());
        assert!(!is_markdown(&name) || seen.contains(&name), "nothing leads to {name}");
    }
}

fn is_markdown(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "md")
}

#[test]
fn the_picture_is_of_a_real_page() {
    let sandbox = Sandbox::with_sample();
    let mut command = sandbox.command();
    command.env("COLUMNS", COLUMNS).args(["--color", "always", "search", "eBPF", "-n", "3"]);
    let page = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let links = without_links(&page);
    let prompt = "\u{1b}[2m$\u{1b}[0m \u{1b}[1mhallway search eBPF -n 3\u{1b}[0m\n";
    let svg = anstyle_svg::Term::new().render_svg(&format!("{prompt}{links}"));
    expected::check(&repository().join("docs/search.svg"), &svg);
}

/// A page without its links: they hold the name of this machine.
fn without_links(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, link)) = rest.split_once("\u{1b}]8;;") {
        out.push_str(before);
        rest = link.split_once("\u{1b}\\").map_or("", |(_, rest)| rest);
    }
    out + rest
}
