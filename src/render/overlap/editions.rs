//! How editions resemble each other, as a picture, as JSON, as a table, and as a page whose cells open to their pairs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::html::{foot, head};
use crate::{
    overlap::{Cell, Resemblance},
    render::{csv, escape::xml, json::VERSION, similar::rounded, wrap::cut},
};

// Of the picture, in pixels.
const STEP: usize = 46;
const NAME: usize = 230;
const TOP: usize = 30;
/// Columns of an edition's name.
const NAME_COLUMNS_MAX: usize = 32;
/// The likeness that is as dark as can be: a program of which half was given elsewhere.
const DARKEST: f64 = 0.5;

/// The document.
pub fn json(found: &Resemblance) -> Value {
    let cell = |cell: &Option<Cell>| {
        cell.as_ref().map(|cell| {
            let mut value = json!(cell);
            for name in ["value", "low", "high"] {
                value[name] = rounded(value[name].as_f64().unwrap_or_default());
            }
            value
        })
    };
    let rows = found.cells.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>());
    json!({
        "version": VERSION,
        "editions": found.editions,
        "cells": rows.collect::<Vec<_>>(),
        "notes": found.notes,
    })
}

/// A row a cell.
///
/// # Errors
/// What the writer gives.
pub fn table(out: &mut dyn Write, found: &Resemblance) -> io::Result<()> {
    csv::row(out, ["edition", "other", "value", "low", "high"].into_iter().map(str::to_owned))?;
    each(found, |row, column, cell| {
        let names = [row, column].map(|at| found.editions[at].name.clone());
        let figures = [cell.value, cell.low, cell.high].map(|figure| format!("{figure:.4}"));
        csv::row(out, names.into_iter().chain(figures))
    })
}

/// The picture; with `links` each cell leads to its pairs.
///
/// # Errors
/// What the writer gives.
pub fn svg(out: &mut dyn Write, found: &Resemblance, links: bool) -> io::Result<()> {
    let n = found.editions.len();
    let (width, height) = (NAME + n * STEP, TOP + n * STEP);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"likeness of editions\" \
        viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">"
    )?;
    for (at, of) in found.editions.iter().enumerate() {
        let (x, y, number) = (NAME + at * STEP + STEP / 2, TOP + at * STEP + STEP / 2 + 4, at + 1);
        let name = xml(&cut(&of.name, NAME_COLUMNS_MAX));
        writeln!(out, "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{number}</text>", TOP - 8)?;
        writeln!(out, "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{number} {name}</text>", NAME - 8)?;
    }
    each(found, |row, column, cell| {
        let (x, y) = (NAME + column * STEP, TOP + row * STEP);
        let opacity = (cell.value / DARKEST).clamp(0.0, 1.0);
        if links {
            writeln!(out, "<a href=\"#c{row}-{column}\">")?;
        }
        let side = STEP - 2;
        writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" fill=\"#2f7d4f\" \
            fill-opacity=\"{opacity:.3}\" stroke=\"#888888\" stroke-opacity=\"0.4\"/>"
        )?;
        let (middle, line) = (x + side / 2, y + side / 2 + 4);
        writeln!(out, "<text x=\"{middle}\" y=\"{line}\" text-anchor=\"middle\">{:.3}</text>", cell.value)?;
        if links { writeln!(out, "</a>") } else { Ok(()) }
    })?;
    writeln!(out, "</svg>")
}

/// The page.
///
/// # Errors
/// What the writer gives.
pub fn page(out: &mut dyn Write, found: &Resemblance) -> io::Result<()> {
    head(out, "Likeness of editions")?;
    writeln!(
        out,
        "<h1>Likeness of editions</h1>\n<p>A cell is the mean, over the talks of its row, of the best score with a \
        talk of its column. Beside it stands what talks dealt out at random would give.</p>"
    )?;
    let mut picture = Vec::new();
    svg(&mut picture, found, true)?;
    out.write_all(String::from_utf8_lossy(&picture).replace(" xmlns=\"http://www.w3.org/2000/svg\"", "").as_bytes())?;
    each(found, |row, column, cell| {
        let name = |at: usize| xml(&found.editions[at].name);
        writeln!(
            out,
            "<details id=\"c{row}-{column}\"><summary>{} in {}: {:.3} (by chance {:.3} to {:.3})</summary>\n<ul>",
            name(row),
            name(column),
            cell.value,
            cell.low,
            cell.high
        )?;
        for pair in &cell.pairs {
            writeln!(out, "<li>{:.2}: {} = {}</li>", pair.score, xml(&pair.a_title), xml(&pair.b_title))?;
        }
        writeln!(out, "</ul></details>")
    })?;
    foot(out)
}

fn each(found: &Resemblance, mut each: impl FnMut(usize, usize, &Cell) -> io::Result<()>) -> io::Result<()> {
    for (row, of) in found.cells.iter().enumerate() {
        for (column, cell) in of.iter().enumerate() {
            if let Some(cell) = cell {
                each(row, column, cell)?;
            }
        }
    }
    Ok(())
}
