//! Tables that are programs: what their columns hold, and grids below the names of rooms.

use std::collections::HashMap;

use super::{
    block::Given,
    clock,
    fields::{Field, by_heading, names_alone, names_people},
};
use crate::text::html::dom::Dom;

/// A cell with more nodes holds no line.
const CELL_NODES_MAX: usize = 300;
/// The widest grids have 30 rooms.
const COLUMNS_MAX: usize = 200;

/// What the columns of a table hold, by their headings or by what most of their cells look like. Below the names of rooms,
/// each cell is a block.
pub(super) fn columns(dom: &Dom, table: usize, fields: &mut [Option<Field>], given: &mut HashMap<usize, Given>) {
    let parts = dom.children(table).flat_map(|part| std::iter::once(part).chain(dom.children(part)));
    let rows: Vec<Vec<usize>> = parts
        .filter(|at| dom.name(*at) == "tr")
        .map(|row| dom.children(row).filter(|cell| matches!(dom.name(*cell), "td" | "th")).collect())
        .collect();
    // A cell that holds tables of its own has no text that matters here.
    let text = |cell: usize| if dom.within(cell).len() <= CELL_NODES_MAX { dom.line(cell) } else { String::new() };
    let is_heading = |row: &Vec<usize>| row.len() > 1 && row.iter().all(|cell| dom.name(*cell) == "th");
    let headings: Vec<String> = rows
        .iter()
        .find(|row| is_heading(row))
        .map(|row| row.iter().map(|cell| text(*cell)).collect())
        .unwrap_or_default();
    let body: Vec<&Vec<usize>> = rows.iter().filter(|row| !is_heading(row) && row.len() > 1).collect();
    let n_columns = body.iter().map(|row| row.len()).max().unwrap_or(0).min(COLUMNS_MAX);
    let share = |column: usize, fits: &dyn Fn(&str) -> bool| {
        let texts: Vec<String> = body
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| text(*cell))
            .filter(|text| !text.is_empty())
            .collect();
        texts.iter().filter(|text| fits(text)).count() * 100 > texts.len() * 50
    };
    let is_time = |text: &str| clock::range(text).is_some();
    let holds_titles = |column: usize| share(column, &|text| !is_time(text) && !names_people(text));
    let has_titles = (0..n_columns).any(holds_titles);
    let known: Vec<Option<Field>> = (0..n_columns)
        .map(|column| {
            let seen = || {
                // "Ann Example - Small Talk" beside a time alone is a talk; beside titles, it is where somebody works.
                let names = || share(column, &names_alone) || (has_titles && share(column, &names_people));
                if share(column, &is_time) {
                    Some(Field::Time)
                } else {
                    (column > 0 && names()).then_some(Field::People)
                }
            };
            match headings.get(column) {
                Some(text) => by_heading(text),
                None => seen(),
            }
        })
        .collect();
    let n_unknown = known.iter().filter(|field| field.is_none()).count();
    let is_grid = known.first() == Some(&Some(Field::Time))
        && n_unknown > 1
        && headings.len() == n_columns
        && !known.contains(&Some(Field::Title));
    for row in body {
        let time = row.first().map(|cell| text(*cell)).filter(|text| clock::range(text).is_some());
        for (column, cell) in row.iter().enumerate() {
            match known.get(column).copied().flatten() {
                Some(field) => fields[*cell] = Some(field),
                None if is_grid && dom.within(*cell).len() <= CELL_NODES_MAX && dom.shows_text(*cell) => {
                    let room = headings.get(column).filter(|_| row.len() == n_columns).cloned();
                    given.insert(*cell, Given { time: time.clone(), room: room.filter(|room| !room.is_empty()) });
                }
                None => {}
            }
        }
    }
}
