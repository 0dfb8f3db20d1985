//! Cuts a report into passages: by heading, then by groups of paragraphs; a list of talks one passage a talk.

use crate::{
    record::{Passage, Span},
    source::Line,
    text::{
        html::{Block, BlockKind},
        n_words,
    },
};

/// A passage with so many words is complete where a paragraph or an outermost item ends, ...
const WORDS_GOOD: usize = 150;
/// ... with so many also where an inner item ends, ...
const WORDS_ENOUGH: usize = 250;
/// ... and never has more, unless one paragraph alone does.
const WORDS_MAX: usize = 400;
/// What is shorter is no passage of its own next to another of its section.
const WORDS_MIN: usize = 40;
/// Items of a list of talks have so many words on average.
const TALK_WORDS_MEAN: usize = 20;
/// Items without titles do when they are so long.
const UNTITLED_TALK_WORDS_MEAN: usize = 60;

/// Blocks that make one passage.
struct Group {
    heading: Vec<String>,
    from: usize,
    to: usize,
}

/// The passages of a report; spans are in bytes of the file that `lines` are of, null when there are none.
pub(super) fn cut(blocks: &[Block], lines: &[Line]) -> Vec<Passage> {
    let mut groups = Vec::new();
    let mut path: Vec<(u8, String)> = Vec::new();
    let mut from = 0;
    for (index, block) in blocks.iter().enumerate() {
        if let BlockKind::Heading(level) = block.kind {
            section(blocks, &path, from, index, &mut groups);
            path.retain(|(outer, _)| *outer < level);
            path.push((level, super::report::one_line(&block.text)));
            from = index + 1;
        }
    }
    section(blocks, &path, from, blocks.len(), &mut groups);
    let starts = starts(blocks);
    let (ends, written) = (ends(&starts), written(lines));
    groups
        .into_iter()
        .map(|group| Passage {
            text: join(&blocks[group.from..group.to]),
            span: span(&starts, &ends, &written, &group, lines),
            heading: group.heading,
            ..Passage::default()
        })
        .collect()
}

/// The passages of a text that is nothing but paragraphs.
pub(super) fn cut_text(text: &str) -> Vec<Passage> {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    let blocks: Vec<Block> =
        paragraphs.map(|paragraph| Block { text: paragraph.to_owned(), ..Block::default() }).collect();
    cut(&blocks, &[])
}

/// Blocks as readable text: blank lines between them, none within a list or table.
pub(super) fn join(blocks: &[Block]) -> String {
    let mut out = String::new();
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            let before = &blocks[index - 1];
            let tight = matches!(
                (before.kind, block.kind),
                (BlockKind::Item(_), BlockKind::Item(_)) | (BlockKind::Row, BlockKind::Row)
            );
            out.push_str(if tight { "\n" } else { "\n\n" });
        }
        if let BlockKind::Item(depth) = block.kind {
            out.push_str(&"  ".repeat(usize::from(depth.clamp(1, 8)) - 1));
            out.push_str("- ");
        }
        out.push_str(&block.text);
    }
    out
}

/// The passages between two headings.
fn section(blocks: &[Block], path: &[(u8, String)], from: usize, to: usize, groups: &mut Vec<Group>) {
    let heading: Vec<String> = path.iter().map(|(_, text)| text.clone()).collect();
    let mut at = from;
    while at < to {
        let in_list = blocks[at].item.is_some();
        let end = (at..to).find(|index| blocks[*index].item.is_some() != in_list).unwrap_or(to);
        if in_list && is_list_of_talks(&blocks[at..end]) {
            paragraphs(blocks, &heading, from.max(groups_end(groups, from)), at, groups);
            talks(blocks, &heading, at, end, groups);
        }
        at = end;
    }
    paragraphs(blocks, &heading, from.max(groups_end(groups, from)), to, groups);
}

/// Where the groups made so far end, if they do in this section.
fn groups_end(groups: &[Group], from: usize) -> usize {
    groups.last().map_or(from, |group| group.to)
}

fn is_list_of_talks(blocks: &[Block]) -> bool {
    let items: Vec<usize> = items(blocks);
    let leads = blocks.iter().filter(|block| block.lead.is_some()).count();
    let own = blocks.iter().filter(|block| !matches!(block.kind, BlockKind::Item(2..)));
    let mean = own.map(words).sum::<usize>() / items.len().max(1);
    items.len() >= 2 && ((leads * 3 >= items.len() * 2 && mean >= TALK_WORDS_MEAN) || mean >= UNTITLED_TALK_WORDS_MEAN)
}

/// Where the outermost items begin.
fn items(blocks: &[Block]) -> Vec<usize> {
    (0..blocks.len()).filter(|index| *index == 0 || blocks[*index].item != blocks[index - 1].item).collect()
}

fn talks(blocks: &[Block], heading: &[String], from: usize, to: usize, groups: &mut Vec<Group>) {
    let mut starts: Vec<usize> = items(&blocks[from..to]).iter().map(|start| from + start).collect();
    starts.push(to);
    for pair in starts.windows(2) {
        let mut heading = heading.to_vec();
        heading.extend(blocks[pair[0]].lead.clone());
        paragraphs(blocks, &heading, pair[0], pair[1], groups);
    }
}

/// Groups of paragraphs and items of about [`WORDS_GOOD`] words.
fn paragraphs(blocks: &[Block], heading: &[String], from: usize, to: usize, groups: &mut Vec<Group>) {
    let first = groups.len();
    let (mut start, mut count) = (from, 0);
    for (index, block) in blocks.iter().enumerate().take(to).skip(from) {
        let words = words(block);
        let full = match block.kind {
            BlockKind::Item(depth) if depth > 1 => count >= WORDS_ENOUGH,
            BlockKind::Row => count >= WORDS_ENOUGH,
            _ => count >= WORDS_GOOD,
        };
        if count > 0 && (full || count + words > WORDS_MAX || (count >= WORDS_GOOD * 2 / 3 && count + words > 300)) {
            groups.push(Group { heading: heading.to_vec(), from: start, to: index });
            (start, count) = (index, 0);
        }
        count += words;
    }
    if start >= to {
        return;
    }
    if let Some(last) = groups[first..].last_mut()
        && count < WORDS_MIN
        && blocks[last.from..last.to].iter().map(self::words).sum::<usize>() + count <= WORDS_MAX
    {
        last.to = to;
    } else {
        groups.push(Group { heading: heading.to_vec(), from: start, to });
    }
}

fn words(block: &Block) -> usize {
    n_words(&block.text)
}

/// The line on which each block begins; a block that does not know takes the line of the one before.
fn starts(blocks: &[Block]) -> Vec<u64> {
    let mut line = 1;
    let known = blocks.iter().map(|block| {
        line = block.line.unwrap_or(line).max(line);
        line
    });
    known.collect()
}

/// For each block the line before the next block that begins on another line; null for the last ones.
fn ends(starts: &[u64]) -> Vec<Option<u64>> {
    let mut ends = vec![None; starts.len()];
    for index in (1..starts.len()).rev() {
        ends[index - 1] = if starts[index] > starts[index - 1] { Some(starts[index] - 1) } else { ends[index] };
    }
    ends
}

/// For each line the last one up to it that is not blank.
fn written(lines: &[Line]) -> Vec<usize> {
    let mut last = 0;
    let known = lines.iter().enumerate().map(|(index, line)| {
        last = if line.text.trim().is_empty() { last } else { index };
        last
    });
    known.collect()
}

/// From the first line of the group to the last before the next block.
fn span(starts: &[u64], ends: &[Option<u64>], written: &[usize], group: &Group, lines: &[Line]) -> Option<Span> {
    let index = |line: u64| usize::try_from(line - 1).ok().filter(|index| *index < lines.len());
    let first = index(starts[group.from])?;
    let last = ends[group.to - 1].and_then(index).unwrap_or(lines.len() - 1);
    let last = written[last].max(first);
    Some(Span {
        line: lines[first].number,
        start: lines[first].start as u64,
        end: lines[last].end as u64,
        ..Span::default()
    })
}

#[cfg(test)]
mod tests {
    use super::cut_text;

    #[test]
    fn text_without_markup_is_cut_by_paragraphs() {
        let paragraph = "word ".repeat(90);
        let text = [paragraph.trim(); 7].join("\n\n") + "\n\nand a short end";
        let words: Vec<usize> = cut_text(&text).iter().map(|p| p.text.split_whitespace().count()).collect();
        assert_eq!(words, [180, 180, 180, 94]);
        let long = "word ".repeat(900);
        assert_eq!(cut_text(&long).len(), 1, "a paragraph is never cut");
        assert!(cut_text(" \n\n ").is_empty());
    }
}
