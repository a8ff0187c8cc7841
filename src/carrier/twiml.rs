//! Reading the application's answer to a webhook (Twilio: TwiML for messaging).

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Twilio: the document can't be read.
pub(crate) const UNREADABLE: u32 = 12100;
/// Twilio: the content type is missing or not one of those it takes.
pub(crate) const CONTENT_TYPE: u32 = 12300;

/// What an answer asks for, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) replies: Vec<Reply>,
    /// Where the next document is.
    pub(crate) redirect: Option<String>,
}

/// One `<Message>`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) body: String,
    pub(crate) media: Vec<String>,
    pub(crate) to: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) status_callback: Option<String>,
    pub(crate) action: Option<String>,
}

/// Reads an answer by its content type; plain text is itself the message.
///
/// # Errors
/// Twilio's code, and what is wrong in words.
pub(crate) fn answer(content_type: Option<&str>, body: &[u8]) -> Result<Answer, (u32, String)> {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.is_empty() && body.is_empty() {
        return Ok(Answer::default());
    }
    let text = std::str::from_utf8(body).map_err(|_| (UNREADABLE, "the answer is not UTF-8".to_owned()))?;
    match kind.to_ascii_lowercase().as_str() {
        "text/xml" | "application/xml" | "text/html" => document(text).map_err(|e| (UNREADABLE, e)),
        "text/plain" if text.trim().is_empty() => Ok(Answer::default()),
        "text/plain" => {
            let reply = Reply { body: text.to_owned(), ..Reply::default() };
            Ok(Answer { replies: vec![reply], redirect: None })
        }
        "" => Err((CONTENT_TYPE, "the answer has no content type".to_owned())),
        other => Err((CONTENT_TYPE, format!("the content type {other} is not taken"))),
    }
}

fn document(text: &str) -> Result<Answer, String> {
    if text.is_empty() {
        return Ok(Answer::default());
    }
    if !text.starts_with("<?xml") && !text.starts_with("<Response") {
        return Err("a document begins with its XML declaration or with <Response>".to_owned());
    }
    let mut reading = Reading::default();
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(tag) => reading.open(&tag)?,
            Event::Empty(tag) => {
                reading.open(&tag)?;
                reading.close();
            }
            Event::End(_) => reading.close(),
            Event::Text(text) => reading.text.push_str(&text.xml10_content()),
            Event::CData(text) => reading.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => reading.text.push(character(&reference)?),
            Event::DocType(_) => return Err("a document type is not taken".to_owned()),
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
    }
    if !reading.path.is_empty() || !reading.complete {
        return Err("the document ends before </Response>".to_owned());
    }
    Ok(reading.answer)
}

fn character(reference: &BytesRef<'_>) -> Result<char, String> {
    if let Some(c) = reference.resolve_char_ref().map_err(|e| e.to_string())? {
        return Ok(c);
    }
    let name = reference.xml10_content();
    let known = resolve_predefined_entity(&name).and_then(|text| text.chars().next());
    known.ok_or_else(|| format!("the entity &{name}; is unknown"))
}

/// The state of reading one document.
#[derive(Default)]
struct Reading {
    path: Vec<String>,
    text: String,
    /// A `<Body>` was seen, so the blanks around it are not text of the message.
    has_body: bool,
    reply: Reply,
    answer: Answer,
    /// Later verbs are out of reach, because the document has handed over to another one.
    left: bool,
    complete: bool,
}

impl Reading {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let name = tag.name().as_ref().to_owned();
        match self.path.len() {
            0 if name != "Response" || self.complete => return Err("the root is one <Response>".to_owned()),
            1 if name == "Message" || name == "Sms" => {
                self.reply = Reply {
                    to: attribute(tag, "to")?,
                    from: attribute(tag, "from")?,
                    status_callback: attribute(tag, "statusCallback")?,
                    action: attribute(tag, "action")?,
                    ..Reply::default()
                };
                self.has_body = false;
                self.text.clear();
            }
            1 => self.text.clear(),
            2 => self.keep_text(),
            _ => {}
        }
        self.path.push(name);
        Ok(())
    }

    fn close(&mut self) {
        let Some(name) = self.path.pop() else { return };
        match (self.path.len(), name.as_str()) {
            (0, _) => self.complete = true,
            (1, "Message" | "Sms") if !self.left => self.finish_reply(),
            (1, "Redirect") if !self.left => {
                self.left = true;
                self.answer.redirect = Some(std::mem::take(&mut self.text).trim().to_owned());
            }
            (2, "Body") => {
                if !self.has_body {
                    self.reply.body.clear();
                }
                self.has_body = true;
                self.reply.body.push_str(&std::mem::take(&mut self.text));
            }
            (2, "Media") => self.reply.media.push(std::mem::take(&mut self.text).trim().to_owned()),
            (2, _) => self.text.clear(),
            _ => {}
        }
    }

    /// Text of the message itself counts where there is no `<Body>`; the blanks between tags don't.
    fn keep_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !self.has_body && !text.trim().is_empty() {
            self.reply.body.push_str(&text);
        }
    }

    fn finish_reply(&mut self) {
        self.keep_text();
        let reply = std::mem::take(&mut self.reply);
        self.left = reply.action.is_some();
        self.answer.replies.push(reply);
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let Some(attribute) = tag.try_get_attribute(name).map_err(|e| e.to_string())? else { return Ok(None) };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| e.to_string())?;
    Ok(Some(value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(xml: &str) -> Vec<String> {
        answer(Some("text/xml; charset=utf-8"), xml.as_bytes())
            .unwrap()
            .replies
            .into_iter()
            .map(|reply| reply.body)
            .collect()
    }

    #[test]
    fn messages_are_read_with_entities_and_bodies() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Message>Hi &lt;b&gt; &amp; &#128512; é</Message>
            <Message> <Body>two</Body> <Media>https://e.test/x?a=1&amp;b=2</Media> </Message></Response>"#;
        assert_eq!(bodies(xml), ["Hi <b> & 😀 é", "two"]);
        assert!(bodies("<Response/>").is_empty());
        assert_eq!(bodies("<Response><Message><![CDATA[a<b]]></Message></Response>"), ["a<b"]);
    }

    #[test]
    fn attributes_media_and_redirects_are_read() {
        let xml = r#"<Response><Message to="+15551230000" statusCallback="/s?a=1&amp;b=2"><Body>x</Body><Media>u</Media>
            </Message><Redirect method="POST">/next</Redirect><Message>never</Message></Response>"#;
        let answer = answer(Some("application/xml"), xml.as_bytes()).unwrap();
        assert_eq!(answer.redirect.as_deref(), Some("/next"));
        let [reply] = answer.replies.as_slice() else { panic!("one reply") };
        assert_eq!((reply.body.as_str(), reply.media.as_slice()), ("x", ["u".to_owned()].as_slice()));
        assert_eq!(reply.status_callback.as_deref(), Some("/s?a=1&b=2"));
    }

    #[test]
    fn text_beside_media_is_the_body() {
        assert_eq!(bodies("<Response><Message>hi<Media>u</Media>\n</Message></Response>"), ["hi"]);
    }

    #[test]
    fn an_action_ends_the_document() {
        let xml = r#"<Response><Message action="/a">x</Message><Message>never</Message></Response>"#;
        assert_eq!(bodies(xml), ["x"]);
    }

    #[test]
    fn content_types_decide() {
        assert_eq!(answer(Some("text/plain"), b"OK").unwrap().replies[0].body, "OK");
        assert_eq!(answer(None, b"<Response/>").unwrap_err().0, CONTENT_TYPE);
        assert_eq!(answer(Some("application/json"), b"{}").unwrap_err().0, CONTENT_TYPE);
        for bad in [" <Response/>", "<Response>", "<Response></Other>", "<Res/>", "<Response>&x;</Response>"]
        {
            assert_eq!(answer(Some("text/xml"), bad.as_bytes()).unwrap_err().0, UNREADABLE, "{bad}");
        }
    }
}
