//! What a program is made of, as JSON.

use serde_json::{Value, json};

use super::json::VERSION;
use crate::{
    overlap::{Balance, Rules},
    record::Record,
};

/// The document, with the talks that its numbers are of.
pub fn json(balance: &Balance, rules: &Rules, talks: &[Record]) -> Value {
    let talk = |(number, talk): (usize, &Record)| json!({ "number": number, "id": talk.id, "title": talk.title });
    json!({
        "version": VERSION,
        "rules": rules,
        "balance": balance,
        "talks": (1..).zip(talks).map(talk).collect::<Value>(),
    })
}
