//! What a page shows: commands, and the answers under them.

/// A block of commands.
pub(crate) struct Block {
    /// The line its fence is on.
    pub(crate) line: usize,
    pub(crate) script: String,
    /// What the page shows under it.
    pub(crate) answer: Option<Answer>,
    /// Why it can't be run here.
    pub(crate) not_run: Option<String>,
}

pub(crate) enum Answer {
    /// JSON whose keys and values are in the last answer.
    Json(String),
    /// Lines that are among those printed.
    Text(String),
}

/// The blocks of commands on a page. An answer is the next fence, if it is one of `json` or `text` and
/// no heading comes between.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut reason, mut answerable) = (None, false);
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(comment) = line.trim().strip_prefix("<!-- not run:") {
            reason = Some(comment.trim_end_matches("-->").trim().to_owned());
        } else if let Some(language) = line.strip_prefix("```") {
            let body = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            let body = body.fold(String::new(), |body, line| body + line + "\n");
            match language {
                "sh" => blocks.push(Block {
                    line: number + 1,
                    script: body,
                    answer: None,
                    not_run: reason.take(),
                }),
                "json" if answerable => blocks.last_mut().unwrap().answer = Some(Answer::Json(body)),
                "text" if answerable => blocks.last_mut().unwrap().answer = Some(Answer::Text(body)),
                _ => {}
            }
            answerable = language == "sh";
        } else if line.starts_with('#') {
            answerable = false;
        } else if !line.trim().is_empty() {
            reason = None;
        }
    }
    blocks
}

#[test]
fn a_page_is_read() {
    let page = "# A\n```sh\none\ntwo\n```\nIt says\n```text\nyes\n```\n<!-- not run: why -->\n\n```sh\nthree\n```\n# B\n```text\nno\n```\n";
    let blocks = blocks(page);
    assert_eq!(blocks.len(), 2);
    assert_eq!((blocks[0].line, blocks[0].script.as_str()), (2, "one\ntwo\n"));
    assert!(matches!(&blocks[0].answer, Some(Answer::Text(text)) if text == "yes\n"));
    assert_eq!(blocks[1].not_run.as_deref(), Some("why"));
    assert!(blocks[1].answer.is_none());
}
