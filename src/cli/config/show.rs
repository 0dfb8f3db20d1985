//! `hallway status --config`: every setting, its value, and who says so. Needs no index.

use std::path::PathBuf;

use serde_json::json;

use hallway::{
    error::Result,
    render::{escape::line, json::VERSION},
};

use super::{File, Found, PROJECT_FILE, SETTINGS, Setting, Value, user_file};
use crate::cli::{Global, Status, locate, output::Output};

/// A file that was looked for.
struct LookedFor {
    owner: &'static str,
    path: PathBuf,
    is_there: bool,
}

pub fn show(as_json: bool, global: &Global, output: &mut Output) -> Result<Status> {
    let found = SETTINGS.iter().map(|setting| Ok((setting, find(setting, global)?))).collect::<Result<Vec<_>>>()?;
    let files = looked_for(global)?;
    if as_json {
        let settings = found.iter().map(|(setting, found)| {
            json!({ "name": setting.name, "value": found.value.json(), "from": found.origin.json() })
        });
        let files = files
            .iter()
            .map(|file| json!({ "owner": file.owner, "path": file.path.to_string_lossy(), "found": file.is_there }));
        output.json(&json!({
            "version": VERSION, "settings": settings.collect::<Vec<_>>(), "files": files.collect::<Vec<_>>(),
        }))?;
        return Ok(Status::Ok);
    }
    for (setting, found) in found {
        let value = Some(found.value.to_string()).filter(|value| !value.is_empty());
        output.line(&format!("{:<8} {}", setting.name, line(value.as_deref().unwrap_or("(none)"))))?;
        output.line(&format!("         from {}", line(&found.origin.to_string())))?;
    }
    output.line("")?;
    for file in files {
        let what = if file.is_there { "read" } else { "not there" };
        output.line(&format!("{:<8} {} ({what})", file.owner, line(&file.path.to_string_lossy())))?;
    }
    Ok(Status::Ok)
}

fn find(setting: &Setting, global: &Global) -> Result<Found> {
    match setting.name {
        "index" => locate::found(global),
        "color" => global.config.get("color", global.color.map(|choice| Value::Text(choice.to_string()))),
        name => global.config.get(name, None),
    }
}

/// The project's file where one was found, else where it was looked for first; and the user's.
fn looked_for(global: &Global) -> Result<Vec<LookedFor>> {
    let path = |file: &File| file.path.clone();
    let project = global.config.project()?.map(path);
    let here = || std::env::current_dir().unwrap_or_default().join(PROJECT_FILE);
    let user = user_file().map(|path| (path, global.config.user().map(|file| file.is_some())));
    let mut files =
        vec![LookedFor { owner: "project", is_there: project.is_some(), path: project.unwrap_or_else(here) }];
    if let Some((path, is_there)) = user {
        files.push(LookedFor { owner: "user", path, is_there: is_there? });
    }
    Ok(files)
}
