//! The schemas in `docs/` name what is printed, key by key.

use std::{collections::BTreeSet, fs, rc::Rc};

use hallway::record::Record;
use serde_json::Value;

use crate::sandbox::{Sandbox, repository};

fn schema(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(repository().join("docs").join(name)).unwrap()).unwrap()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().cloned().collect()
}

/// A part of a schema, and the schema that its references are within.
#[derive(Clone)]
struct Part {
    root: Rc<Value>,
    part: Value,
}

impl Part {
    fn all(root: Value) -> Part {
        Part { part: root.clone(), root: Rc::new(root) }
    }

    fn of(&self, part: &Value) -> Part {
        Part { root: Rc::clone(&self.root), part: part.clone() }.resolved()
    }

    /// This and what its `$ref` leads to, also in another schema, and so on: each may say more of the value.
    fn chain(&self) -> Vec<Part> {
        let Some(reference) = self.part["$ref"].as_str() else { return vec![self.clone()] };
        let (file, pointer) = reference.split_once('#').unwrap();
        let root = if file.is_empty() { Rc::clone(&self.root) } else { Rc::new(schema(file)) };
        let part = root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere")).clone();
        [vec![self.clone()], Part { root, part }.chain()].concat()
    }

    fn resolved(self) -> Part {
        self.chain().pop().unwrap_or(self)
    }
}

/// Panics unless the value is what the schema of that name says.
pub fn assert_fits(name: &str, value: &Value) {
    validate(&Part::all(schema(name)), value, name);
}

/// A small validator: types, enums, properties, items, required and additional keys; what the schemas here use. What stands
/// beside a `$ref` counts, too.
fn validate(part: &Part, value: &Value, at: &str) {
    let chain = part.chain();
    let whole = part.clone().resolved();
    if let Some(any) = whole.part["anyOf"].as_array() {
        let branch = any.iter().map(|branch| whole.of(branch)).find(|branch| fits(&branch.part, value));
        return validate(&branch.unwrap_or_else(|| panic!("{at}: {value} fits no branch")), value, at);
    }
    assert!(fits(&whole.part, value), "{at}: {value} is no {}", whole.part["type"]);
    if let Some(allowed) = whole.part["enum"].as_array() {
        assert!(allowed.contains(value), "{at}: {value} is not one of {allowed:?}");
    }
    if let (Some(_), Some(object)) = (whole.part["properties"].as_object(), value.as_object()) {
        for (key, value) in object {
            let described = chain.iter().find(|part| !part.part["properties"][key].is_null());
            let described = described.unwrap_or_else(|| panic!("{at}.{key} is not in the schema"));
            let described = Part { root: Rc::clone(&described.root), part: described.part["properties"][key].clone() };
            validate(&described, value, &format!("{at}.{key}"));
        }
        for required in chain.iter().filter_map(|part| part.part["required"].as_array()).flatten() {
            assert!(object.contains_key(required.as_str().unwrap()), "{at} lacks {required}");
        }
    }
    let items = Part { root: Rc::clone(&whole.root), part: whole.part["items"].clone() };
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        validate(&items, item, &format!("{at}[{index}]"));
    }
}

fn fits(part: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("null") => value.is_null(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    match &part["type"] {
        Value::Array(names) => names.iter().any(is),
        name => is(name),
    }
}

#[test]
fn the_record_schema_names_every_key_of_a_record() {
    let schema = schema("record.schema.json");
    let empty = serde_json::to_value(Record::default()).unwrap();
    let mut all = keys(&empty);
    // What `show` adds.
    all.insert("topic_evidence".to_owned());
    assert_eq!(keys(&schema["properties"]), all);
}

#[test]
fn what_is_printed_fits_the_schemas() {
    let sandbox = Sandbox::with_sample();
    let record = Part::all(schema("record.schema.json"));
    let export = sandbox.run(&["export"]).stdout;
    assert!(export.lines().count() > 50);
    for line in export.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        validate(&record, &value, value["id"].as_str().unwrap());
    }
    let search = Part::all(schema("search.schema.json"));
    for arguments in [&["search", "--json", "ebpf observability", "--facets"][..], &["search", "--json", "xylophone"]] {
        validate(&search, &sandbox.json(arguments), "search");
    }
    validate(&search, &sandbox.json(&["search", "--json", "x", "--year", "soon"]), "error");
}

#[test]
fn evaluations_fit_the_schema() {
    let sandbox = Sandbox::new();
    let small = repository().join("tests/it/eval/small");
    let small = small.to_str().unwrap();
    let schema = Part::all(schema("eval.schema.json"));
    validate(&schema, &sandbox.json(&["eval", "rank", "--json", small, "--save", "run.json"]), "eval");
    let saved = fs::read_to_string(sandbox.path("run.json")).unwrap();
    validate(&schema, &serde_json::from_str(&saved).unwrap(), "saved");
    // Other figures before: one query better, one worse.
    let before = saved.replacen("\"ndcg_10\":0.6309", "\"ndcg_10\":0.7309", 2).replacen("0.7224", "0.6224", 1);
    sandbox.write("run.json", before);
    let compared = sandbox.json(&["eval", "rank", "--json", small, "--baseline", "run.json"]);
    assert_eq!(compared["collections"][0]["baseline"]["worse"][0]["id"], "on-call");
    validate(&schema, &compared, "compared");
    validate(&schema, &sandbox.json(&["eval", "rank", "--json", "nowhere"]), "error");
}

#[test]
fn overlap_fits_the_schemas() {
    let sandbox = Sandbox::with_sample();
    let draft = "promcon-2018/bomb-squad-containing-the-cardinality-explosion";
    for (name, arguments) in [
        ("similar", &["similar", "--json", draft, "--explain"][..]),
        ("similar", &["similar", "--json", draft, "--blind"]),
        ("overlap", &["overlap", "--json", "corpus/proposals"]),
        ("overlap", &["overlap", "--json", "corpus/proposals", "--blind"]),
        ("overlap", &["overlap", "--json", "--editions", "PromCon 2018", "PyCon US 2019", "EuroPython 2019"]),
        ("balance", &["balance", "--json", "corpus/proposals"]),
        ("balance", &["balance", "--json", "PromCon 2018"]),
        ("similar", &["similar", "--json", "nowhere"]),
        ("overlap", &["overlap", "--json", "nowhere"]),
        ("balance", &["balance", "--json", "nowhere"]),
    ] {
        assert_fits(&format!("{name}.schema.json"), &sandbox.json(arguments));
    }
}
