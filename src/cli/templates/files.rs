//! `tidings templates check|export|import`: templates as files, LOCALE/NAME.txt.

use super::{Check, Export, Import, tell};
use crate::cli::record::record_before;
use crate::cli::{Misuse, Outcome};
use crate::config::Config;
use crate::conversation::Inbox;
use crate::templates::{self, Edit, MAX_NOTE, Standing};
use crate::texts::{Draft, Fault};
use crate::visible;
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The author of what comes from here.
const AUTHOR: &str = "command line";

/// Words that came from a file, or what is no template in the place of one.
struct Worded {
    /// Its path within the folder.
    file: String,
    name: String,
    locale: String,
    body: String,
    faults: Vec<Fault>,
}

pub(super) async fn check(
    args: &Check,
    inbox: &Inbox,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let all = match &args.folder {
        Some(folder) => read(folder, inbox)?,
        None => templates::list(inbox).await?.iter().map(|standing| in_force(standing, inbox)).collect(),
    };
    let wrong: Vec<&Worded> = all.iter().filter(|one| !one.faults.is_empty()).collect();
    if args.common.json {
        writeln!(output, "{}", json!({ "checked": all.len(), "faults": told(&wrong) }))?;
    } else {
        name_faults(&wrong, output)?;
        writeln!(output, "{} templates checked, {} with faults", all.len(), wrong.len())?;
    }
    Ok(if wrong.is_empty() { Outcome::Done } else { Outcome::Failed })
}

pub(super) async fn export(
    args: &Export,
    inbox: &Inbox,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(&args.folder).map_err(|error| failed(&args.folder, error))?;
    if fs::read_dir(&args.folder).map_err(|error| failed(&args.folder, error))?.next().is_some() {
        return Err(format!("{}: the folder must be new or empty", args.folder.display()).into());
    }
    let all = templates::list(inbox).await?;
    for standing in &all {
        let folder = args.folder.join(&standing.locale);
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
        let file = folder.join(format!("{}.txt", standing.name));
        fs::write(&file, format!("{}\n", standing.body())).map_err(|error| failed(&file, error))?;
    }
    if args.common.json {
        writeln!(output, "{}", json!({ "exported": all.len() }))?;
    } else {
        writeln!(output, "{} templates written to {}", all.len(), args.folder.display())?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn import(
    args: &Import,
    config: &Config,
    inbox: &Inbox,
    output: &mut dyn Write,
) -> Result<Outcome, Box<dyn Error>> {
    let note = visible::note(&args.note, MAX_NOTE).map_err(|error| Misuse::of("--note", error))?;
    let all = read(&args.folder, inbox)?;
    let wrong: Vec<&Worded> = all.iter().filter(|one| !one.faults.is_empty()).collect();
    if !wrong.is_empty() {
        if args.common.json {
            writeln!(output, "{}", json!({ "changed": [], "faults": told(&wrong) }))?;
        } else {
            name_faults(&wrong, output)?;
            writeln!(output, "nothing was changed")?;
        }
        return Ok(Outcome::Failed);
    }
    let mut differing = Vec::new();
    for one in &all {
        let standing = super::find(inbox, &one.name, &one.locale).await?;
        if standing.body() != one.body {
            differing.push((one, standing));
        }
    }
    if !args.dry_run && !differing.is_empty() {
        let subject = format!("{} templates", differing.len());
        record_before(inbox, config, "tidings templates import", subject).await?;
        for (one, standing) in &differing {
            put(one, standing, &note, inbox).await?;
        }
    }
    let changed: Vec<String> =
        differing.iter().map(|(one, _)| format!("{}/{}", one.locale, one.name)).collect();
    if args.common.json {
        writeln!(output, "{}", json!({ "changed": changed, "faults": [], "dry_run": args.dry_run }))?;
    } else {
        changed.iter().try_for_each(|name| writeln!(output, "{name}"))?;
        let verb = if args.dry_run { "would be changed" } else { "changed" };
        writeln!(output, "{} of {} {verb}", changed.len(), all.len())?;
    }
    Ok(Outcome::Done)
}

/// Puts words in force; the shipped ones by going back to them.
async fn put(one: &Worded, standing: &Standing, note: &str, inbox: &Inbox) -> Result<(), Box<dyn Error>> {
    let edit = Edit { author: AUTHOR, note, based_on: Some(standing.version()) };
    if one.body == standing.shipped {
        templates::reset(inbox, &one.name, &one.locale, edit).await?;
    } else {
        let draft = Draft { name: &one.name, locale: &one.locale, body: &one.body };
        templates::save(inbox, draft, edit).await?;
    }
    Ok(())
}

fn in_force(standing: &Standing, inbox: &Inbox) -> Worded {
    let (name, locale) = (standing.name.to_owned(), standing.locale.clone());
    worded(name, locale, standing.body().to_owned(), inbox)
}

fn worded(name: String, locale: String, body: String, inbox: &Inbox) -> Worded {
    let faults = inbox.texts.check(Draft { name: &name, locale: &locale, body: &body }).err();
    let file = format!("{locale}/{name}.txt");
    Worded { file, name, locale, body, faults: faults.unwrap_or_default() }
}

/// The files of a folder; one that is no template is a fault, for it would be forgotten.
fn read(folder: &Path, inbox: &Inbox) -> Result<Vec<Worded>, Box<dyn Error>> {
    let stray = |path: &Path, fault: Fault| {
        let file = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let locale = path.parent().filter(|parent| *parent != folder).map(part).unwrap_or_default();
        Worded { file, name: part(path), locale, body: String::new(), faults: vec![fault] }
    };
    let mut all = Vec::new();
    for locale in entries(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        if !locale.is_dir() {
            all.push(stray(&locale, Fault::whole("is no template: those are LOCALE/NAME.txt")));
            continue;
        }
        match entries(&locale) {
            Ok(files) => all.extend(files.iter().map(|file| {
                let read = read_one(file, inbox);
                read.unwrap_or_else(|fault| stray(file, fault))
            })),
            Err(error) => all.push(stray(&locale, unread(&error))),
        }
    }
    if all.is_empty() {
        return Err(format!("{}: there are no files LOCALE/NAME.txt", folder.display()).into());
    }
    Ok(all)
}

/// The template LOCALE/NAME.txt.
fn read_one(file: &Path, inbox: &Inbox) -> Result<Worded, Fault> {
    let (name, locale) = (part(file), file.parent().map(part).unwrap_or_default());
    let text = file.extension().is_some_and(|extension| extension == "txt");
    if !text || inbox.texts.shipped(&name, &locale).is_none() {
        return Err(Fault::whole("there is no such template"));
    }
    let bytes = fs::read(file).map_err(|error| unread(&error))?;
    let body = std::str::from_utf8(&bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Fault::at(&before, before.len(), "is not UTF-8 text: save the file as UTF-8".to_owned())
    })?;
    Ok(worded(name, locale, body.replace("\r\n", "\n").trim_end().to_owned(), inbox))
}

fn unread(error: &std::io::Error) -> Fault {
    Fault::whole(format!("could not be read: {error}"))
}

/// The last part of a path, without what its kind is.
fn part(path: &Path) -> String {
    path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned()
}

/// What is in a folder, in order.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

/// What is wrong, for programs; what stands in no folder has no locale.
fn told(wrong: &[&Worded]) -> Value {
    let one = |one: &&Worded| {
        let locale = Some(&one.locale).filter(|locale| !locale.is_empty());
        json!({ "file": one.file, "name": one.name, "locale": locale, "faults": one.faults })
    };
    wrong.iter().map(one).collect()
}

fn name_faults(wrong: &[&Worded], output: &mut dyn Write) -> std::io::Result<()> {
    for one in wrong {
        writeln!(output, "{}", one.file)?;
        tell(&one.faults, output)?;
    }
    Ok(())
}
