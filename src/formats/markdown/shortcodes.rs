//! What static site generators put between Markdown: taken out, lines kept as they are counted.

/// Between these signs stands a command of a generator.
const PAIRS: &[(&str, &str)] = &[("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"), ("<%", "%>"), ("{{", "}}"), ("{:", "}")];
/// WordPress writes commands as `[name …]`; what stands between the first of these and its end is a caption.
const BRACKETED: &[&str] = &[
    "caption",
    "gallery",
    "youtube",
    "embed",
    "vimeo",
    "audio",
    "video",
    "playlist",
    "sourcecode",
    "googlemaps",
    "slideshare",
    "flickr",
    "poll",
    "tweet",
    "toc",
];
/// A command has fewer bytes; two braces a page apart are none.
const COMMAND_BYTES_MAX: usize = 2_000;
/// A script in a page (ERB) has lines, empty ones too.
const SCRIPT: &str = "<%";
const SCRIPT_BYTES_MAX: usize = 64 << 10;

/// The text without commands. Code keeps its braces.
pub(in crate::formats) fn without(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut line_start = true;
    let mut fence: Option<&str> = None;
    let mut ahead = Ahead { text, found: Vec::new() };
    while at < text.len() {
        let rest = &text[at..];
        if line_start {
            let line = rest.split('\n').next().unwrap_or_default();
            let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
            let toggles = mark.is_some() && (fence.is_none() || fence == mark);
            let indented = line.starts_with("    ")
                && fence.is_none()
                && !line.trim_start().starts_with(['*', '-', '{', '[', '<']);
            if toggles || fence.is_some() || indented {
                if toggles {
                    fence = if fence.is_some() { None } else { mark };
                }
                let end = (line.len() + 1).min(rest.len());
                out.push_str(&rest[..end]);
                at += end;
                continue;
            }
        }
        let length = if rest.starts_with('`') { 0 } else { command(at, &mut ahead) };
        if length > 0 {
            out.extend(rest[..length].chars().filter(|c| *c == '\n'));
            at += length;
            line_start = false;
            continue;
        }
        let length =
            if rest.starts_with('`') { code_span(rest) } else { rest.chars().next().map_or(1, char::len_utf8) };
        line_start = rest[..length].ends_with('\n');
        out.push_str(&rest[..length]);
        at += length;
    }
    out
}

/// The length of the code span, or of the backticks that open none.
fn code_span(text: &str) -> usize {
    let ticks = text.bytes().take_while(|byte| *byte == b'`').count();
    let near = window(text);
    let line = near.find("\n\n").unwrap_or(near.len());
    match text[ticks.min(line)..line].find(&text[..ticks]) {
        Some(offset) => ticks + offset + ticks,
        None => ticks,
    }
}

/// The length of the command that begins at a byte; 0 where none does.
fn command(at: usize, ahead: &mut Ahead) -> usize {
    let text = &ahead.text[at..];
    if text.starts_with('[') {
        return bracketed(text);
    }
    let Some((open, close)) = PAIRS.iter().find(|(open, _)| text.starts_with(open)) else { return 0 };
    let is_script = *open == SCRIPT;
    let length = (ahead.next(close, at + open.len()) - at).saturating_add(close.len());
    let bytes_max = open.len() + if is_script { SCRIPT_BYTES_MAX } else { COMMAND_BYTES_MAX };
    let ends = length <= bytes_max.min(text.len());
    let is_whole = ends && (is_script || ahead.next(EMPTY_LINE, at + open.len()) + close.len() >= at + length);
    if is_whole { length } else { 0 }
}

const EMPTY_LINE: &str = "\n\n";

/// Where signs come next: what opens a command may stand there a million times, and what closes one nowhere.
struct Ahead<'a> {
    text: &'a str,
    /// From where each sign was looked for last, and where it is.
    found: Vec<(&'static str, usize, usize)>,
}

impl Ahead<'_> {
    /// The place of the first such sign from byte `from` on; the text's end where there is none.
    fn next(&mut self, sign: &'static str, from: usize) -> usize {
        let is_known = |(of, since, at): &&(&str, usize, usize)| *of == sign && *since <= from && from <= *at;
        if let Some((_, _, at)) = self.found.iter().find(is_known) {
            return *at;
        }
        let at = self.text[from..].find(sign).map_or(self.text.len(), |length| from + length);
        self.found.retain(|(of, ..)| *of != sign);
        self.found.push((sign, from, at));
        at
    }
}

fn bracketed(text: &str) -> usize {
    let inner = text[1..].strip_prefix(['/', '[']).unwrap_or(&text[1..]);
    let name = &inner[..inner.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(inner.len())];
    let name = name.to_ascii_lowercase();
    if !BRACKETED.contains(&&*name) {
        return 0;
    }
    let Some(end) = window(text).find(']') else { return 0 };
    let after = &text[end + 1..];
    let end = end + 1 + usize::from(after.starts_with(']'));
    // `[Video](…)` and `[flickr page](…)` are links, `[video of the talk]` is an aside; `[caption id=…]` has arguments,
    // `[/caption]` ends one.
    let arguments = &inner[name.len()..inner.find(']').unwrap_or(inner.len())];
    let is_named = arguments.contains('=');
    let is_linked = after.starts_with(['(', ':']) || (after.starts_with('[') && arguments.is_empty());
    let is_aside = !arguments.is_empty() && !arguments.contains(['=', '/']) && !arguments.contains(char::is_numeric);
    if !is_named && (is_linked || is_aside) {
        return 0;
    }
    if name == "caption"
        && !text.starts_with("[/")
        && let Some(close) = window(&text[end..]).find("[/caption]")
    {
        return end + close + "[/caption]".len();
    }
    end
}

fn window(text: &str) -> &str {
    &text[..crate::text::floor(text, COMMAND_BYTES_MAX)]
}
