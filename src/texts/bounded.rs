//! Rendering what staff wrote: no longer than a limit, never nothing, and no panic gets out.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tera::{Context, ErrorKind, Tera};

/// The most bytes that a template may make.
pub(super) const MAX_BYTES: usize = 10_000;

/// Why a template could not be rendered. It never holds what the template was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    #[error("it makes more than {MAX_BYTES} bytes")]
    TooLong,
    #[error("it says nothing")]
    Empty,
    #[error("it could not be rendered{0}")]
    Engine(String),
}

/// Takes bytes until there are too many.
#[derive(Default)]
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Renders the template `name` of `tera`, without white space at its ends.
pub(super) fn render(tera: &Tera, name: &str, context: &Context) -> Result<String, Failure> {
    let mut output = Limited::default();
    let rendered = catch_unwind(AssertUnwindSafe(|| tera.render_to(name, context, &mut output)));
    match rendered {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(failure(&error)),
        Err(_) => return Err(Failure::Engine(": the engine broke off".to_owned())),
    }
    let text = String::from_utf8(output.0).map_err(|_| Failure::Engine(String::new()))?;
    let text = text.trim();
    if text.is_empty() { Err(Failure::Empty) } else { Ok(text.to_owned()) }
}

fn failure(error: &tera::Error) -> Failure {
    match error.kind() {
        ErrorKind::Io(io::ErrorKind::FileTooLarge) => Failure::TooLong,
        // Only the place: the engine's words may hold values.
        ErrorKind::RenderingError(report) | ErrorKind::SyntaxError(report) => {
            let span = report.span();
            Failure::Engine(format!(", line {}, character {}", span.start_line, span.start_col + 1))
        }
        _ => Failure::Engine(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(body: &str) -> Result<String, Failure> {
        let mut tera = Tera::new();
        tera.add_raw_template("x", body).unwrap();
        let mut context = Context::new();
        context.insert("list", &vec!["x"; 2000]);
        context.insert("empty", "");
        render(&tera, "x", &context)
    }

    #[test]
    fn what_gets_too_long_ends_there_and_nothing_is_an_error() {
        assert_eq!(rendered(" a {{ empty }}").as_deref(), Ok("a"));
        assert_eq!(rendered("{{ empty }} "), Err(Failure::Empty));
        assert_eq!(rendered("{% for x in list %}abcdefgh{% endfor %}"), Err(Failure::TooLong));
        // The sandbox lets none of this through; the limit holds all the same.
        assert_eq!(
            rendered(
                "{% for a in list %}{% for b in list %}{% for c in list %}a{% endfor %}{% endfor %}{% endfor %}"
            ),
            Err(Failure::TooLong)
        );
        assert_eq!(
            rendered("\n{{ none_such + 1 }}"),
            Err(Failure::Engine(", line 2, character 4".to_owned()))
        );
    }
}
