//! How many segments a body takes on the air. The carrier counts for itself, so that its figures check
//! the application's.

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
    ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// The number of segments of `body`: 160 or 153 septets in GSM-7, 70 or 67 UTF-16 units in UCS-2.
pub(super) fn count(body: &str) -> usize {
    let widths: Option<Vec<usize>> = body.chars().map(septets).collect();
    match widths {
        Some(widths) => parts(&widths, 160, 153),
        None => parts(&body.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

fn septets(c: char) -> Option<usize> {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' => Some(1),
        c if BASIC.contains(c) => Some(1),
        c if EXTENDED.contains(c) => Some(2),
        _ => None,
    }
}

/// Fills parts in order; a character is never split between two.
fn parts(widths: &[usize], single: usize, multiple: usize) -> usize {
    if widths.iter().sum::<usize>() <= single {
        return 1;
    }
    let mut count = 1;
    let mut filled = 0;
    for width in widths {
        if filled + width > multiple {
            count += 1;
            filled = 0;
        }
        filled += width;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_at_the_edges() {
        for (body, segments) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            ("😀".repeat(35), 1),
            ("a".repeat(152) + "ж", 3),
        ] {
            assert_eq!(count(&body), segments, "{body}");
        }
    }
}
