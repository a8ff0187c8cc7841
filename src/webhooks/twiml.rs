//! TwiML, the XML that answers a webhook: <https://www.twilio.com/docs/messaging/twiml>.

use crate::voice::{Destination, Plan};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

/// A TwiML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twiml(String);

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

impl Twiml {
    /// Says nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self(format!("{HEAD}<Response/>"))
    }

    /// Sends one message, whose fate is reported to `callback`.
    ///
    /// `action` gets the same URL, because only with both do reports come for every state.
    #[must_use]
    pub fn message(body: &str, callback: &str) -> Self {
        let (body, callback) = (escape(body), escape(callback));
        Self(format!(
            "{HEAD}<Response><Message action=\"{callback}\" method=\"POST\" statusCallback=\"{callback}\">{body}</Message></Response>"
        ))
    }

    /// Connects a caller, or says why not and hangs up:
    /// <https://www.twilio.com/docs/voice/twiml/dial>.
    #[must_use]
    pub fn call(plan: &Plan) -> Self {
        let (destination, caller_id) = match plan {
            Plan::Say(words) => {
                return Self(format!("{HEAD}<Response><Say>{}</Say><Hangup/></Response>", escape(words)));
            }
            Plan::Dial(destination, caller_id) => (destination, caller_id),
        };
        let caller_id = caller_id.map(|phone| format!(" callerId=\"{phone}\"")).unwrap_or_default();
        let destination = match destination {
            Destination::Number(phone) => format!("<Number>{phone}</Number>"),
            Destination::Client(identity) => {
                format!("<Client><Identity>{}</Identity></Client>", escape(identity))
            }
        };
        Self(format!(
            "{HEAD}<Response><Dial answerOnBridge=\"true\"{caller_id}>{destination}</Dial></Response>"
        ))
    }

    /// The document's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl IntoResponse for Twiml {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"))], self.0).into_response()
    }
}

/// Escapes text for an element or a quoted attribute, and leaves out what XML 1.0 can't hold.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carrier_reads_back_what_was_meant() {
        let body = "Hi <b> & \"q\" ' 😀 é\nnext]]>";
        let callback = "https://example.org/webhooks/twilio/status?m=1&a=2";
        let document = Twiml::message(body, callback);
        let answer = crate::carrier::twiml::answer(Some("text/xml"), document.as_str().as_bytes()).unwrap();
        let [reply] = answer.replies.as_slice() else { panic!("one message") };
        assert_eq!(reply.body, body);
        assert_eq!(reply.status_callback.as_deref(), Some(callback));
        assert_eq!(reply.action.as_deref(), Some(callback));
        let silence = crate::carrier::twiml::answer(Some("text/xml"), Twiml::empty().as_str().as_bytes());
        assert!(silence.unwrap().replies.is_empty());
        let twice = Destination::Client("a&b".to_owned());
        let call = Twiml::call(&Plan::Dial(twice, crate::phone::Phone::from_e164("+14155550000")));
        let expected = "<Response><Dial answerOnBridge=\"true\" callerId=\"+14155550000\"><Client>\
                        <Identity>a&amp;b</Identity></Client></Dial></Response>";
        assert_eq!(call.as_str().strip_prefix(HEAD), Some(expected));
        assert_eq!(escape("a\u{0}b\u{1b}c"), "abc");
    }
}
