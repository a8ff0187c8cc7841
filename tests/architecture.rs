//! The import rule: modules import from their own layer's earlier modules and from lower layers only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the bottom to the top. Within a layer a module may import those listed before it.
const LAYERS: [(&str, &[&str]); 5] = [
    (
        "pure",
        &[
            "phone",
            "visible",
            "left_out",
            "moment",
            "price",
            "sid",
            "segments",
            "signature",
            "ids",
            "delivery",
            "purpose",
            "rate",
            "whatsapp",
            "booking",
            "dialog",
            "schedule",
            "tips",
            "gate",
            "notice",
            "voice",
            "audit",
            "events",
            "table",
            "roster",
            "forms",
            "campaign",
        ],
    ),
    ("ports", &["clock", "config", "store", "texts", "batch", "listen", "metrics", "problem"]),
    ("use cases", &["listeners", "conversation", "templates", "outbound", "deliveries", "accounts"]),
    ("edges", &["carrier", "webhooks", "api", "web"]),
    ("top", &["app", "cli", "main"]),
];

/// Files that may be longer than [`LONGEST`], each with its reason. Empty is right.
const LONG_FILES: [(&str, &str); 0] = [];

/// Lines of a source or test file.
const LONGEST: usize = 300;

/// Where a module stands: the index of its layer, then its place in it.
fn place(module: &str) -> Option<(usize, usize)> {
    LAYERS.iter().enumerate().find_map(|(layer, (_, modules))| {
        modules.iter().position(|known| *known == module).map(|within| (layer, within))
    })
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file under `folder`, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let nested = entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    nested.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The top module that a file belongs to: `store` for both `store.rs` and `store/sql.rs`.
fn module_of(file: &Path) -> String {
    let inside = file.strip_prefix(source()).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules named after `crate::` (or `tidings::`, which is how `main.rs` says it) in `text`.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for root in ["crate::", "tidings::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if !before.is_some_and(|one| one.is_alphanumeric() || one == '_') {
                found.extend(names(&code[at + root.len()..]));
            }
        }
    }
    found
}

/// The first names of a path or of a group of paths in braces.
fn names(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|one| one.is_alphanumeric() || *one == '_').collect()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut names, mut item) = (0_usize, Vec::new(), String::new());
    for character in group.chars() {
        match character {
            '}' if depth == 0 => break,
            ',' if depth == 0 => names.push(name(std::mem::take(&mut item).trim())),
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 => item.push(character),
            _ => {}
        }
    }
    names.push(name(item.trim()));
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// What is wrong with `module` importing `target`, if anything.
fn fault(module: &str, target: &str) -> Option<String> {
    let add = |name: &str| {
        format!("`{name}` is in no layer: add it to LAYERS in tests/architecture.rs, above what it imports")
    };
    let (Some(from), Some(to)) = (place(module), place(target)) else {
        let unknown = if place(module).is_none() { module } else { target };
        return Some(add(unknown));
    };
    let layer = |index: usize| LAYERS[index].0;
    match from.0.cmp(&to.0) {
        std::cmp::Ordering::Less => {
            Some(format!("`{module}` ({}) imports upward from `{target}` ({})", layer(from.0), layer(to.0)))
        }
        std::cmp::Ordering::Equal if from.1 < to.1 => Some(format!(
            "`{module}` imports `{target}`, which comes after it in the layer `{}`",
            layer(from.0)
        )),
        _ => None,
    }
}

#[test]
fn imports_go_downward_only() {
    let mut faults = Vec::new();
    for file in files(&source()) {
        let module = module_of(&file);
        if module == "lib" {
            continue;
        }
        let mut targets = imports(&fs::read_to_string(&file).unwrap());
        // A module that imports nothing must still be in a layer.
        targets.insert(module.clone());
        let wrong = targets.iter().filter_map(|target| fault(&module, target));
        faults.extend(wrong.map(|wrong| format!("{}: {wrong}", file.display())));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_test_file_is_longer_either() {
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines: split it by what is tested", file.display());
    }
}

#[test]
fn no_source_file_is_longer_than_a_reader_bears() {
    for file in files(&source()) {
        let inside = file.strip_prefix(source()).unwrap().to_str().unwrap().to_owned();
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        let excused = LONG_FILES.iter().any(|(name, _)| *name == inside);
        assert!(lines <= LONGEST || excused, "src/{inside} has {lines} lines: split it by concern");
        assert!(lines > LONGEST || !excused, "src/{inside} is short enough now: take it off LONG_FILES");
    }
}

#[test]
fn the_test_itself_sees_imports_and_judges_them() {
    let text = "use crate::{clock::{self, Clock}, phone::Phone,\n store};\nlet x = crate::gate::check(); // crate::web\nuse tidings::app;";
    let expected = ["app", "clock", "gate", "phone", "store"].map(str::to_owned);
    assert_eq!(imports(text), BTreeSet::from(expected));
    assert_eq!(fault("store", "clock"), None);
    assert_eq!(fault("web", "phone"), None);
    assert_eq!(fault("web", "web"), None);
    assert!(fault("phone", "clock").unwrap().contains("upward"));
    assert!(fault("clock", "store").unwrap().contains("comes after"));
    assert!(fault("newcomer", "phone").unwrap().contains("tests/architecture.rs"));
}
