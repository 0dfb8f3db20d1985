//! One tree of values for JSON, XML and the rows of tables, in which every object knows where it stands. It borrows from the
//! file's text, and what it may take in memory is bounded.

pub(in crate::formats) mod json;
pub(in crate::formats) mod value;
pub(in crate::formats) mod xml;

use std::{borrow::Cow, collections::HashMap, rc::Rc};

use super::{
    ends,
    keys::{Key, Keys, Meaning},
};
use crate::error::Problem;

/// Objects, lists and elements nested deeper are no schedule.
pub(in crate::formats) const DEPTH_MAX: usize = 64;
/// What a tree may take in memory. The largest schedules take 10 MB; a file of 64 MB that is nothing but objects would take
/// 3 GB.
const TREE_BYTES_MAX: usize = 96 << 20;
/// What a value takes at most, with its key and its part of what the allocator needs for the list it is in.
const VALUE_BYTES: usize = 64;
/// What a new spelling of a key takes besides its letters, with its row in the table of keys.
const KEY_BYTES: usize = 256;
/// One text; abstracts and biographies stay under 50 KB.
pub(in crate::formats) const TEXT_BYTES_MAX: usize = 1 << 20;
/// Signs of markup in all texts: each costs the parsers of HTML and Markdown a microsecond or two. The largest schedules
/// have 100,000.
const MARKS_MAX: usize = 1_000_000;
const MARKS: &[u8] = b"<&[*_`";
/// A longer key is no key: names of rooms and ids are the longest.
const KEY_BYTES_MAX: usize = 1_000;
/// Problems of single values that are told; the rest is counted.
const TROUBLES_MAX: usize = 20;

#[derive(Debug, Default)]
pub(in crate::formats) enum Node<'a> {
    #[default]
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Object<'a>),
}

impl<'a> Node<'a> {
    pub fn as_object(&self) -> Option<&Object<'a>> {
        if let Node::Object(object) = self { Some(object) } else { None }
    }

    pub fn as_list(&self) -> Option<&[Node<'a>]> {
        if let Node::List(values) = self { Some(values) } else { None }
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Node::Text(text) = self { Some(text) } else { None }
    }

    pub fn is_container(&self) -> bool {
        matches!(self, Node::List(_) | Node::Object(_))
    }
}

/// Members in the order of the file, each key once.
#[derive(Debug, Default)]
pub(in crate::formats) struct Object<'a> {
    members: Vec<(Rc<Key>, Node<'a>)>,
    /// Bytes of the text; a file has less than 4 GB.
    start: u32,
    end: u32,
}

impl<'a> Object<'a> {
    /// Of several members of one key, what `merge` makes of the earlier value and the later one.
    fn new(
        members: Vec<(Rc<Key>, Node<'a>)>,
        span: (usize, usize),
        merge: fn(Node<'a>, Node<'a>) -> Node<'a>,
    ) -> Object<'a> {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Object { members: merged(members, merge), start: place(span.0), end: place(span.1) }
    }

    /// An object that a table's row or a calendar's event makes.
    pub fn of(members: Vec<(Rc<Key>, Node<'a>)>) -> Object<'a> {
        Object { members, start: 0, end: 0 }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Node<'a>)> {
        self.members.iter().map(|(key, value)| (&**key, value))
    }

    pub fn values(&self) -> impl Iterator<Item = &Node<'a>> {
        self.members.iter().map(|(_, value)| value)
    }

    /// The values of a meaning, in the order of the file.
    pub fn of_meaning(&self, meaning: Meaning) -> impl Iterator<Item = &Node<'a>> {
        self.iter().filter(move |(key, _)| key.meaning == Some(meaning)).map(|(_, value)| value)
    }

    /// The value of a key of this very spelling.
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
    }

    /// The first value whose key is one of these, which are folded.
    pub fn any_of(&self, names: &[&str]) -> Option<&Node<'a>> {
        self.iter().find(|(key, _)| key.is(names)).map(|(_, value)| value)
    }

    /// Where it stands in the text; null for one that was made of a row.
    pub fn span(&self) -> Option<(usize, usize)> {
        (self.end > 0).then_some((self.start as usize, self.end as usize))
    }
}

/// Members with each key once, at its first place.
fn merged<'a>(
    members: Vec<(Rc<Key>, Node<'a>)>,
    merge: fn(Node<'a>, Node<'a>) -> Node<'a>,
) -> Vec<(Rc<Key>, Node<'a>)> {
    /// Fewer members are looked through faster than a table is made.
    const FEW: usize = 24;
    // A spelling is one key of the file, so its place in memory tells it.
    let same = |one: &Rc<Key>, other: &Rc<Key>| Rc::ptr_eq(one, other);
    let mut out: Vec<(Rc<Key>, Node)> = Vec::with_capacity(members.len());
    let mut places: HashMap<*const Key, usize> = HashMap::new();
    let is_wide = members.len() > FEW;
    for (key, value) in members {
        let known = if is_wide {
            places.get(&Rc::as_ptr(&key)).copied()
        } else {
            out.iter().position(|(other, _)| same(other, &key))
        };
        if let Some(at) = known {
            let before = std::mem::take(&mut out[at].1);
            out[at].1 = merge(before, value);
        } else {
            if is_wide {
                places.insert(Rc::as_ptr(&key), out.len());
            }
            out.push((key, value));
        }
    }
    out.shrink_to_fit();
    out
}

/// What is wrong at a place of the text.
#[derive(Debug)]
pub(in crate::formats) struct Trouble {
    pub at: usize,
    pub message: String,
    pub hint: &'static str,
}

impl Trouble {
    pub fn problem(&self, text: &str) -> Problem {
        let line = u64::from(ends(&text.as_bytes()[..self.at.min(text.len())])) + 1;
        Problem::new("", Some(line), &*self.message, self.hint)
    }
}

/// A text as a tree: all of it, or what stands before the place where it could no longer be read.
#[derive(Debug)]
pub(in crate::formats) struct Tree<'a> {
    pub root: Node<'a>,
    pub troubles: Vec<Trouble>,
}

/// What a tree grows from, and how far it may.
struct Growth {
    keys: Keys,
    bytes_left: usize,
    marks_left: usize,
    troubles: Vec<Trouble>,
    /// Values that were left out.
    n_left_out: usize,
    /// Nothing is read from here on.
    is_over: bool,
}

impl Growth {
    fn within(bytes_max: usize) -> Self {
        let (keys, troubles) = (Keys::default(), Vec::new());
        Growth { keys, bytes_left: bytes_max, marks_left: MARKS_MAX, troubles, n_left_out: 0, is_over: false }
    }

    /// Counts one more value at depth `depth`; the tree is over when it is too deep or one too many.
    fn grow(&mut self, depth: usize, at: usize) {
        if depth > DEPTH_MAX {
            self.stop(at, "values are nested too deep from here on".to_owned());
        }
        self.take(VALUE_BYTES, at);
    }

    fn take(&mut self, n_bytes: usize, at: usize) {
        match self.bytes_left.checked_sub(n_bytes) {
            Some(left) => self.bytes_left = left,
            None => self.stop(at, "the file holds more values than a schedule has".to_owned()),
        }
    }

    /// Null for a key that is too long, which is told.
    fn key(&mut self, name: &str, at: usize) -> Option<Rc<Key>> {
        if name.len() > KEY_BYTES_MAX {
            self.leave_out(at, format!("a key is longer than {KEY_BYTES_MAX} bytes"));
            return None;
        }
        let (key, is_new) = self.keys.get(name);
        if is_new {
            self.take(KEY_BYTES + 3 * name.len(), at);
        }
        Some(key)
    }

    /// Nothing for a text that is too long, which is told.
    fn text<'a>(&mut self, text: Cow<'a, str>, at: usize) -> Node<'a> {
        if text.len() > TEXT_BYTES_MAX {
            self.leave_out(at, format!("a text is longer than {} MB", TEXT_BYTES_MAX >> 20));
            return Node::Null;
        }
        let n_marks = text.bytes().filter(|byte| MARKS.contains(byte)).count();
        let Some(left) = self.marks_left.checked_sub(n_marks) else {
            self.leave_out(at, "with this text, there is more markup than in a schedule".to_owned());
            return Node::Null;
        };
        self.marks_left = left;
        if let Cow::Owned(text) = &text {
            self.take(text.len(), at);
        }
        Node::Text(text)
    }

    fn leave_out(&mut self, at: usize, message: String) {
        self.n_left_out += 1;
        if self.n_left_out <= TROUBLES_MAX {
            let hint = "shorten it; it was left out, and the rest is read";
            self.troubles.push(Trouble { at, message, hint });
        }
    }

    fn stop(&mut self, at: usize, message: String) {
        if !self.is_over {
            let hint = "mend it or take the file apart; only what comes before is read";
            self.troubles.push(Trouble { at, message, hint });
        }
        self.is_over = true;
    }

    fn tree(mut self, root: Node) -> Tree {
        let n_untold = self.n_left_out.saturating_sub(TROUBLES_MAX);
        if n_untold > 0 {
            let message = format!("so it is with {n_untold} more values");
            let at = self.troubles.last().map_or(0, |trouble| trouble.at);
            self.troubles.push(Trouble { at, message, hint: "shorten them; they were left out" });
        }
        Tree { root, troubles: self.troubles }
    }
}
