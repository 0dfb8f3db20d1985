//! The schemas in `docs/` name what is printed, key by key.

use std::{collections::BTreeSet, fs};

use hallway::record::Record;
use serde_json::Value;

use crate::sandbox::{Sandbox, repository};

fn schema(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(repository().join("docs").join(name)).unwrap()).unwrap()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().cloned().collect()
}

/// The part of a schema that describes the value, `$ref` followed.
fn resolve<'a>(root: &'a Value, part: &'a Value) -> &'a Value {
    match part["$ref"].as_str() {
        Some(pointer) => {
            root.pointer(pointer.trim_start_matches('#')).unwrap_or_else(|| panic!("{pointer} leads nowhere"))
        }
        None => part,
    }
}

/// Panics unless the value is what the schema of that name says.
pub fn assert_fits(name: &str, value: &Value) {
    let schema = schema(name);
    validate(&schema, &schema, value, name);
}

/// A small validator: types, enums, properties, items, required and additional keys; what the schemas here use.
fn validate(root: &Value, part: &Value, value: &Value, at: &str) {
    let part = resolve(root, part);
    if let Some(any) = part["anyOf"].as_array() {
        let branch = any.iter().map(|branch| resolve(root, branch)).find(|branch| fits(branch, value));
        return validate(root, branch.unwrap_or_else(|| panic!("{at}: {value} fits no branch")), value, at);
    }
    assert!(fits(part, value), "{at}: {value} is no {}", part["type"]);
    if let Some(allowed) = part["enum"].as_array() {
        assert!(allowed.contains(value), "{at}: {value} is not one of {allowed:?}");
    }
    if let (Some(properties), Some(object)) = (part["properties"].as_object(), value.as_object()) {
        for (key, value) in object {
            let described = properties.get(key).unwrap_or_else(|| panic!("{at}.{key} is not in the schema"));
            validate(root, described, value, &format!("{at}.{key}"));
        }
        for required in part["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(required.as_str().unwrap()), "{at} lacks {required}");
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        validate(root, &part["items"], item, &format!("{at}[{index}]"));
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
    let record = schema("record.schema.json");
    let export = sandbox.run(&["export"]).stdout;
    assert!(export.lines().count() > 50);
    for line in export.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        validate(&record, &record, &value, value["id"].as_str().unwrap());
    }
    let search = schema("search.schema.json");
    for arguments in [&["search", "--json", "ebpf observability", "--facets"][..], &["search", "--json", "xylophone"]] {
        validate(&search, &search, &sandbox.json(arguments), "search");
    }
    validate(&search, &search, &sandbox.json(&["search", "--json", "x", "--year", "soon"]), "error");
}

#[test]
fn evaluations_fit_the_schema() {
    let sandbox = Sandbox::new();
    let small = repository().join("tests/it/eval/small");
    let small = small.to_str().unwrap();
    let schema = schema("eval.schema.json");
    validate(&schema, &schema, &sandbox.json(&["eval", "rank", "--json", small, "--save", "run.json"]), "eval");
    let saved = fs::read_to_string(sandbox.path("run.json")).unwrap();
    validate(&schema, &schema, &serde_json::from_str(&saved).unwrap(), "saved");
    // Other figures before: one query better, one worse.
    let before = saved.replacen("\"ndcg_10\":0.6309", "\"ndcg_10\":0.7309", 2).replacen("0.7224", "0.6224", 1);
    sandbox.write("run.json", before);
    let compared = sandbox.json(&["eval", "rank", "--json", small, "--baseline", "run.json"]);
    assert_eq!(compared["collections"][0]["baseline"]["worse"][0]["id"], "on-call");
    validate(&schema, &schema, &compared, "compared");
    validate(&schema, &schema, &sandbox.json(&["eval", "rank", "--json", "nowhere"]), "error");
}
