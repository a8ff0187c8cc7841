//! What each template says, with values such as a person may have: for tests and previews.

use super::Texts;
use crate::dialog::Reply;
use crate::notice::Notice;
use std::collections::BTreeMap;

impl Texts {
    /// Every template by name, with its first sample rendered in `locale`. A code is shown as its mask.
    ///
    /// # Errors
    /// A template that uses something it was not given; [`Texts::load`] has tried them all.
    pub fn samples(&self, locale: &str) -> Result<BTreeMap<&'static str, String>, tera::Error> {
        let mut samples = BTreeMap::new();
        for reply in Reply::samples() {
            if !samples.contains_key(reply.template()) {
                samples.insert(reply.template(), self.render(&reply, locale)?);
            }
        }
        for notice in Notice::samples() {
            if !samples.contains_key(notice.template()) {
                samples.insert(notice.template(), self.render(&notice, locale)?);
            }
        }
        Ok(samples)
    }
}
