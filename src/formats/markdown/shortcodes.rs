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
        let length = if rest.starts_with('`') { 0 } else { command(rest) };
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

/// The length of the command that `text` begins with; 0 when it begins with none.
fn command(text: &str) -> usize {
    if text.starts_with('[') {
        return bracketed(text);
    }
    for (open, close) in PAIRS {
        if let Some(rest) = text.strip_prefix(open) {
            let is_script = *open == SCRIPT;
            let window = if is_script { &rest[..crate::text::floor(rest, SCRIPT_BYTES_MAX)] } else { window(rest) };
            return match window.find(close) {
                Some(offset) if is_script || !window[..offset].contains("\n\n") => open.len() + offset + close.len(),
                _ => 0,
            };
        }
    }
    0
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
