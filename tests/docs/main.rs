//! The commands on the operator's pages do what the pages say: each page's are run in order, in one
//! shell, beside a demo of the page's own.

mod answer;
mod page;
mod shell;

use page::{Block, blocks};
use std::path::Path;
use std::sync::Mutex;

/// Pages that explain or tell figures, and have no commands of their own.
const WITHOUT_COMMANDS: [&str; 2] = ["ARCHITECTURE.md", "PERFORMANCE.md"];
const AT_ONCE: usize = 4;

#[test]
fn the_commands_on_the_pages_work() {
    let pages = pages();
    let queue = Mutex::new(pages.iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((name, blocks)) = queue.lock().unwrap().next() else { break };
                    if WITHOUT_COMMANDS.contains(&name.as_str()) {
                        continue;
                    }
                    let found = shell::run(blocks).into_iter().map(|found| format!("{name}, {found}"));
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    for (name, blocks) in &pages {
        let left_out: Vec<&Block> = blocks.iter().filter(|block| block.not_run.is_some()).collect();
        println!("{name}: {} blocks, {} not run", blocks.len(), left_out.len());
        for block in left_out {
            println!("    line {}: {}", block.line, block.not_run.as_deref().unwrap());
        }
    }
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_has_a_command_that_is_run() {
    for (name, blocks) in pages() {
        let runs = blocks.iter().any(|block| block.not_run.is_none());
        assert_ne!(runs, WITHOUT_COMMANDS.contains(&name.as_str()), "{name}");
    }
}

/// Name and blocks of every page, in order.
fn pages() -> Vec<(String, Vec<Block>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = docs.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    paths.push(root.join("README.md"));
    paths.sort();
    let named = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (named(path), blocks(&std::fs::read_to_string(path).unwrap()))).collect()
}
