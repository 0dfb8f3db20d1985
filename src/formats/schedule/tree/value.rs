//! A tree that another reader has made, of values in whose objects `#span` says where they stand.

use std::borrow::Cow;

use serde_json::Value;

use super::{Growth, Node, Object, TEXT_BYTES_MAX, TREE_BYTES_MAX, Tree};
use crate::formats::schedule::object;

/// The key under which an object says which bytes of the text it stands in.
pub(in crate::formats) const SPAN: &str = "#span";

/// Values as a tree.
pub(in crate::formats) fn read(root: Value) -> Tree<'static> {
    let mut growth = Growth::within(TREE_BYTES_MAX);
    let root = node(root, 0, 0, &mut growth);
    growth.tree(root)
}

/// The text of a value, as `object::text` has it of a node.
pub(in crate::formats) fn text(value: &Value) -> Option<String> {
    if let Value::String(text) = value
        && text.len() <= TEXT_BYTES_MAX
    {
        return object::text(&Node::Text(Cow::Borrowed(text)), None).map(Cow::into_owned);
    }
    object::text(&read(value.clone()).root, None).map(Cow::into_owned)
}

/// Where an object stands.
pub(in crate::formats) fn span(object: &serde_json::Map<String, Value>) -> Option<(usize, usize)> {
    let pair = object.get(SPAN)?.as_array()?;
    let at = |index: usize| usize::try_from(pair.get(index)?.as_u64()?).ok();
    Some((at(0)?, at(1)?))
}

/// A value within an object that begins at `at`.
fn node(value: Value, at: usize, depth: usize, growth: &mut Growth) -> Node<'static> {
    growth.grow(depth, at);
    if growth.is_over {
        return Node::Null;
    }
    match value {
        Value::Null => Node::Null,
        Value::Bool(value) => Node::Bool(value),
        Value::Number(number) => growth.text(Cow::Owned(number.to_string()), at),
        Value::String(text) => growth.text(Cow::Owned(text), at),
        Value::Array(values) => {
            Node::List(values.into_iter().map(|value| node(value, at, depth + 1, growth)).collect())
        }
        Value::Object(map) => {
            let place = span(&map).unwrap_or((at, 0));
            let mut members = Vec::new();
            for (name, value) in map.into_iter().filter(|(name, _)| name != SPAN) {
                let key = growth.key(&name, place.0);
                let value = node(value, place.0, depth + 1, growth);
                members.extend(key.map(|key| (key, value)));
            }
            Node::Object(Object::new(members, place, |_, later| later))
        }
    }
}
