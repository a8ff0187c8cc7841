//! One kind of line end, so that lines can be counted: those of Windows and of old Macs become `\n`,
//! and the last line has one too.

use std::io::{self, BufRead, Read};

/// What is read from `source`, with every line ended by `\n`.
#[derive(Debug)]
pub(super) struct Lines<R> {
    source: R,
    after_return: bool,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, after_return: false, ended: false }
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written == 0 && !buffer.is_empty() {
            let input = self.source.fill_buf()?;
            if input.is_empty() {
                if self.ended {
                    break;
                }
                self.ended = true;
                buffer[0] = b'\n';
                return Ok(1);
            }
            let mut used = 0;
            for &byte in input {
                if written == buffer.len() {
                    break;
                }
                used += 1;
                // The second half of a Windows line end.
                if !(byte == b'\n' && self.after_return) {
                    buffer[written] = if byte == b'\r' { b'\n' } else { byte };
                    written += 1;
                }
                self.after_return = byte == b'\r';
            }
            self.source.consume(used);
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    proptest! {
        #[test]
        fn every_line_end_becomes_one(text in "[a\r\n]{0,40}", capacity in 1..9_usize, room in 1..9_usize) {
            let mut lines = Lines::new(BufReader::with_capacity(capacity, text.as_bytes()));
            let (mut read, mut buffer) = (Vec::new(), vec![0; room]);
            loop {
                let count = lines.read(&mut buffer).unwrap();
                if count == 0 {
                    break;
                }
                read.extend_from_slice(&buffer[..count]);
            }
            let expected = text.replace("\r\n", "\n").replace('\r', "\n") + "\n";
            prop_assert_eq!(String::from_utf8(read).unwrap(), expected);
        }
    }
}
